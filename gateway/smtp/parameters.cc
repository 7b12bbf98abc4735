// Parameters of MAIL and RCPT.  RFC 5321 §4.1.1.11: one that EHLO does not offer is refused by name.
#include "gateway/smtp/words.hh"

#include "base/text.hh"
#include "gateway/smtp/xtext.hh"

#include <array>
#include <limits>
#include <span>

namespace sekisho::smtp {
namespace {

constexpr std::size_t max_envelope_id = 100;  // RFC 3461 §4.4
constexpr std::size_t max_original = 500;     // §4.2

struct Parameter {
  std::string_view key, value;
  bool has_value = false;
};

Parameter parameter(std::string_view word) {
  const std::size_t sign = word.find('=');
  if (sign == std::string_view::npos) return {word, {}, false};
  return {word.substr(0, sign), word.substr(sign + 1), true};
}

Reason syntax(bool good) { return good ? Reason::none : Reason::command_syntax; }

Reason body(const Parameter &said, Command &command) {
  if (equal_word(said.value, "BINARYMIME")) return Reason::parameter_unknown; // RFC 3030 §3: not offered
  command.eight_bit = equal_word(said.value, "8BITMIME");
  return syntax(command.eight_bit || equal_word(said.value, "7BIT"));
}

Reason returned(const Parameter &said, Command &command) {
  if (equal_word(said.value, "HDRS")) command.returned = spool::Return::headers;
  if (equal_word(said.value, "FULL")) command.returned = spool::Return::full;
  return syntax(command.returned != spool::Return::unsaid);
}

Reason envelope_id(const Parameter &said, Command &command) {
  command.envelope_id = said.value;
  return syntax(!said.value.empty() && said.value.size() <= max_envelope_id && decode_xtext(said.value));
}

/// NEVER, or any of SUCCESS, FAILURE and DELAY, each once.  §4.1.
Reason notify(const Parameter &said, Command &command) {
  spool::Notify &wanted = command.notify;
  wanted.given = true;
  wanted.success = wanted.failure = wanted.delay = false;
  if (equal_word(said.value, "NEVER")) return Reason::none;
  std::string_view rest = said.value;
  while (true) {
    const std::string_view word = rest.substr(0, rest.find(','));
    bool *flag = equal_word(word, "SUCCESS")   ? &wanted.success
                 : equal_word(word, "FAILURE") ? &wanted.failure
                 : equal_word(word, "DELAY")   ? &wanted.delay
                                               : nullptr;
    if (!flag || *flag) return Reason::command_syntax;
    *flag = true;
    if (word.size() == rest.size()) return Reason::none;
    rest.remove_prefix(word.size() + 1);
  }
}

/// More than can be counted is too much, not misspelt.
Reason size(const Parameter &said, Command &command) {
  if (take_number(said.value, command.size)) return Reason::none;
  command.size = std::numeric_limits<std::uint64_t>::max();
  return syntax(!said.value.empty() && is_digits(said.value));
}

Reason mail_parameter(const Parameter &said, Command &command) {
  const bool flag = equal_word(said.key, "SMTPUTF8") || equal_word(said.key, "REQUIRETLS");
  if (flag && said.has_value) return Reason::command_syntax;
  if (equal_word(said.key, "SIZE")) return size(said, command);
  if (equal_word(said.key, "BODY")) return body(said, command);
  if (equal_word(said.key, "SMTPUTF8")) return command.utf8 = true, Reason::none;
  if (equal_word(said.key, "REQUIRETLS")) return command.require_tls = true, Reason::none;
  if (equal_word(said.key, "RET")) return returned(said, command);
  if (equal_word(said.key, "ENVID")) return envelope_id(said, command);
  return Reason::parameter_unknown;
}

Reason rcpt_parameter(const Parameter &said, bool utf8, Command &command) {
  if (equal_word(said.key, "NOTIFY")) return notify(said, command);
  if (!equal_word(said.key, "ORCPT")) return Reason::parameter_unknown;
  command.notify.original = without_utf8(said.value);
  return syntax(command.notify.original.size() <= max_original && is_original_recipient(said.value, utf8));
}

/// Reads them one by one; `read` says what is wrong with one.
template <class Read> Reason each_once(std::string_view rest, Read read) {
  constexpr std::size_t most = 8; // more kinds are not offered
  std::array<std::string_view, most> seen;
  std::size_t count = 0;
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest)) {
    const Parameter said = parameter(word);
    const auto former = std::span(seen).first(count);
    const bool again = std::any_of(former.begin(), former.end(), [&](std::string_view key) {
      return std::equal(key.begin(), key.end(), said.key.begin(), said.key.end(),
                        [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    });
    if (again || count == most) return Reason::command_syntax;
    if (const Reason wrong = read(said); wrong != Reason::none) return wrong;
    seen[count++] = said.key;
  }
  return Reason::none;
}

} // namespace

Reason take_mail_parameters(std::string_view rest, Command &command) {
  return each_once(rest, [&](const Parameter &said) { return mail_parameter(said, command); });
}

Reason take_rcpt_parameters(std::string_view rest, bool utf8, Command &command) {
  return each_once(rest, [&](const Parameter &said) { return rcpt_parameter(said, utf8, command); });
}

} // namespace sekisho::smtp
