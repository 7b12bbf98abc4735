#include "gateway/smtp/command.hh"

#include <algorithm>
#include <array>
#include <charconv>

namespace sekisho::smtp {
namespace {

bool equal_word(std::string_view text, std::string_view upper) {
  return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
    return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 32) : a) == b;
  });
}

struct VerbRow {
  std::string_view word;
  Verb verb;
};
constexpr auto verbs = std::to_array<VerbRow>({
    {"EHLO", Verb::ehlo},
    {"HELO", Verb::helo},
    {"MAIL", Verb::mail},
    {"RCPT", Verb::rcpt},
    {"DATA", Verb::data},
    {"RSET", Verb::rset},
    {"NOOP", Verb::noop},
    {"QUIT", Verb::quit},
    {"VRFY", Verb::vrfy},
    {"HELP", Verb::help},
});

Verb verb_named(std::string_view word) {
  for (const VerbRow &row : verbs)
    if (equal_word(word, row.word)) return row.verb;
  return Verb::unknown;
}

std::string_view take_word(std::string_view &rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::string_view word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

bool take_size(std::string_view digits, std::uint64_t &size) {
  if (digits.empty() || digits.size() > 20) return false; // RFC 1870 §3
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  return error == std::errc() && end == digits.data() + digits.size();
}

/// "FROM:" or "TO:", then a path.  One or more blanks after the colon are common and harmless.
bool skip_keyword(std::string_view &rest, std::string_view keyword) {
  if (rest.size() < keyword.size() || !equal_word(rest.substr(0, keyword.size()), keyword)) return false;
  rest.remove_prefix(keyword.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return true;
}

bool take_mail_parameters(std::string_view rest, Command &command) {
  while (true) {
    std::string_view word = take_word(rest);
    if (word.empty()) return true;
    const std::size_t sign = word.find('=');
    std::string_view key = word.substr(0, sign);
    std::string_view value = sign == std::string_view::npos ? "" : word.substr(sign + 1);
    if (equal_word(key, "SIZE")) {
      if (!take_size(value, command.size)) return false;
    } else if (equal_word(key, "BODY")) {
      command.eight_bit = equal_word(value, "8BITMIME");
      if (!command.eight_bit && !equal_word(value, "7BIT")) return false;
    } else if (equal_word(word, "SMTPUTF8")) {
      command.utf8 = true;
    } else {
      return false; // not offered in EHLO
    }
  }
}

bool has_utf8_word(std::string_view rest) {
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest))
    if (equal_word(word, "SMTPUTF8")) return true;
  return false;
}

bool parse_mail(std::string_view rest, Command &command) {
  if (!skip_keyword(rest, "FROM:")) return false;
  auto mailbox = take_path(rest, has_utf8_word(rest));
  if (!mailbox || (!rest.empty() && rest.front() != ' ')) return false;
  command.mailbox = std::move(*mailbox);
  return take_mail_parameters(rest, command);
}

bool parse_rcpt(std::string_view rest, bool utf8, Command &command) {
  if (!skip_keyword(rest, "TO:")) return false;
  auto mailbox = take_path(rest, utf8);
  if (!mailbox || mailbox->null()) return false;
  command.mailbox = std::move(*mailbox);
  return take_word(rest).empty(); // no RCPT parameter is offered
}

bool has_control(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

} // namespace

Result<Command, Reason> parse_command(std::string_view line, bool utf8) {
  std::string_view rest = line;
  Command command;
  command.verb = verb_named(take_word(rest));
  const bool has_path = command.verb == Verb::mail || command.verb == Verb::rcpt;
  if (line.size() + 2 > (has_path ? max_path_line : max_command_line))
    return fail(Reason::line_too_long);
  if (command.verb == Verb::unknown) return fail(Reason::command_unknown);
  if (has_control(line)) return fail(Reason::command_syntax);

  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  bool good = true;
  switch (command.verb) {
  case Verb::ehlo:
  case Verb::helo:
    command.host = take_word(rest);
    good = is_host_name(command.host) && take_word(rest).empty();
    break;
  case Verb::mail: good = parse_mail(rest, command); break;
  case Verb::rcpt: good = parse_rcpt(rest, utf8, command); break;
  case Verb::data:
  case Verb::rset:
  case Verb::quit: good = rest.empty(); break; // §4.1.1.4, §4.1.1.5, §4.1.1.10
  case Verb::vrfy: good = !rest.empty(); break;
  case Verb::noop:
  case Verb::help:
  case Verb::unknown: break;
  }
  if (!good) return fail(Reason::command_syntax);
  return command;
}

} // namespace sekisho::smtp
