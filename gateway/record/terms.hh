// What a mail can be found by (L11): words of its events as small numbers, the same for an event and for a question.
//
//   sender, recipient   the whole address, and its domain; as in the envelope and in From and To; any case
//   message-id          with or without < >
//   hash                SHA-256 of the mail, of a part, of what was made of either; 64 hexadecimal digits
//   subject             every two neighbouring characters, as fold() compares them: a part of two characters or more is found
//                       wherever it stands; and of every six some, for parts of ten characters or more
//   receipt
//
// Two words may have one number: whoever finds a mail by it looks at its events again (fits()).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace simdjson::dom {
class element;
}

namespace sekisho::record {

using Term = std::uint64_t; // 47 bits: SQLite keeps it in six octets
enum class Field : std::uint8_t { receipt, sender, recipient, message_id, hash, subject };

/// Of an event, each once; of what is no event, none.
std::vector<Term> terms_of(const simdjson::dom::element &event);
/// Of a question's word: all of them stand in every mail that it fits.  None: too short to be asked for.
std::vector<Term> terms_of(Field field, std::string_view word);
struct Word {
  Field field;
  std::string text;
};
/// Whether the events of one mail, as lines of the record, really have all of them.
bool fits(const std::vector<Word> &words, const std::vector<std::string> &lines);

} // namespace sekisho::record
