// Reason: every way out has a name.  The table is base/reason.def.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sekisho {

enum class Reason : std::uint16_t {
  none, // nothing was refused
#define REASON(enumerator, group, word, source, english, japanese) enumerator,
#include "base/reason.def"
#undef REASON
};

enum class ReasonGroup : std::uint8_t { packet, mail, part, job };

struct ReasonInfo {
  Reason reason;
  ReasonGroup group;
  std::string_view word;     // counter, log, record and CLI word
  std::string_view source;   // RFC section or requirement id
  std::string_view english;  // a noun phrase
  std::string_view japanese; // the same
};

/// All rows, in order of the enumerators after `none`.
std::span<const ReasonInfo> all_reasons();
/// Number of enumerators, `none` included: the size of a counter array.
constexpr std::size_t reason_count = 1
#define REASON(enumerator, group, word, source, english, japanese) +1
#include "base/reason.def"
#undef REASON
    ;
const ReasonInfo &info(Reason reason);      // Reason::none has the word "none"
std::string_view word_of(Reason reason);    // = info(reason).word
std::optional<Reason> reason_from_word(std::string_view word);
/// For numbers from another process: out of range is nothing.
std::optional<Reason> reason_from_number(std::uint16_t untrusted_number);

} // namespace sekisho
