// Words of a command line, for command.cc and parameters.cc.
#pragma once

#include "gateway/smtp/command.hh"

#include <algorithm>
#include <charconv>

namespace sekisho::smtp {

inline bool equal_word(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b; });
}

inline std::string_view take_word(std::string_view &rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

/// 1*20DIGIT (RFC 1870 §3), all of it.
inline bool take_number(std::string_view digits, std::uint64_t &number) {
  if (digits.empty() || digits.size() > 20) return false;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size();
}

/// What stands behind the path.  Each parameter once.  None, command_syntax or parameter_unknown.
Reason take_mail_parameters(std::string_view rest, Command &command);
Reason take_rcpt_parameters(std::string_view rest, bool utf8, Command &command);

} // namespace sekisho::smtp
