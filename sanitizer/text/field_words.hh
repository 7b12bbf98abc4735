// What a field shows whose result stands nowhere but in its instruction (ISO/IEC 29500-1 §17.16.5, RTF alike).
#pragma once

#include "sanitizer/text/run_marks.hh"

#include <string>
#include <string_view>

namespace sekisho::text {

constexpr std::size_t most_instruction = 4096; // octets of an instruction that are kept

/// `EQ`: readings as 高橋(たかはし), characters in a frame as (秘), fractions as 1/2, all else as its
/// arguments; `SYMBOL`: its character; buttons: their words; with what the field makes of their look.  Empty for all other fields.
/// `instruction`: UTF-8.
WordsWithLook field_words(std::string_view instruction);
/// What a field of a button shows (ISO/IEC 29500-1 §17.16.5.31, MACROBUTTON): templates ask so for what is to be filled in.  Empty
/// for all others.
std::string_view words_of_button(std::string_view instruction);
/// Whether a field shows words that stand in its result alone; and also where LibreOffice draws it, which makes some
/// itself.
bool needs_result(std::string_view instruction);
bool needs_result_to_be_drawn(std::string_view instruction);

} // namespace sekisho::text
