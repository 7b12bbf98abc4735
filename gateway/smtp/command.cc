#include "gateway/smtp/words.hh"

#include <array>

namespace sekisho::smtp {
namespace {

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
    {"BDAT", Verb::bdat},
    {"RSET", Verb::rset},
    {"NOOP", Verb::noop},
    {"QUIT", Verb::quit},
    {"VRFY", Verb::vrfy},
    {"HELP", Verb::help},
    {"STARTTLS", Verb::starttls},
});

Verb verb_named(std::string_view word) {
  for (const VerbRow &row : verbs)
    if (equal_word(word, row.word)) return row.verb;
  return Verb::unknown;
}

/// "FROM:" or "TO:", then a path.  One or more blanks after the colon are common and harmless.
bool skip_keyword(std::string_view &rest, std::string_view keyword) {
  if (rest.size() < keyword.size() || !equal_word(rest.substr(0, keyword.size()), keyword)) return false;
  rest.remove_prefix(keyword.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return true;
}

bool has_utf8_word(std::string_view rest) {
  for (std::string_view word = take_word(rest); !word.empty(); word = take_word(rest))
    if (equal_word(word, "SMTPUTF8")) return true;
  return false;
}

Reason parse_mail(std::string_view rest, Command &command) {
  if (!skip_keyword(rest, "FROM:")) return Reason::command_syntax;
  auto mailbox = take_path(rest, has_utf8_word(rest));
  if (!mailbox || (!rest.empty() && rest.front() != ' ')) return Reason::command_syntax;
  command.mailbox = std::move(*mailbox);
  const Reason wrong = take_mail_parameters(rest, command);
  return wrong == Reason::none && command.mailbox.utf8() && !command.utf8 ? Reason::command_syntax : wrong; // the word stood in the address
}

/// RFC 5321 §4.1.1.3: the only one that needs no domain.
bool skip_postmaster(std::string_view &rest) {
  constexpr std::string_view path = "<POSTMASTER>";
  if (rest.size() < path.size() || !equal_word(rest.substr(0, path.size()), path)) return false;
  rest.remove_prefix(path.size());
  return rest.empty() || rest.front() == ' ';
}

Reason parse_rcpt(std::string_view rest, bool utf8, Command &command) {
  if (!skip_keyword(rest, "TO:")) return Reason::command_syntax;
  command.for_postmaster = skip_postmaster(rest);
  if (command.for_postmaster) return take_rcpt_parameters(rest, utf8, command);
  auto mailbox = take_path(rest, utf8);
  if (!mailbox || mailbox->null() || (!rest.empty() && rest.front() != ' ')) return Reason::command_syntax;
  command.mailbox = std::move(*mailbox);
  return take_rcpt_parameters(rest, utf8, command);
}

/// "1000" or "1000 LAST", RFC 3030 §2.
bool parse_bdat(std::string_view rest, Command &command) {
  if (!take_number(take_word(rest), command.chunk)) return false;
  const std::string_view word = take_word(rest);
  command.last = equal_word(word, "LAST");
  return (command.last || word.empty()) && take_word(rest).empty();
}

bool has_control(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

Reason parse_rest(std::string_view rest, bool utf8, Command &command) {
  bool good = true;
  switch (command.verb) {
  case Verb::ehlo:
  case Verb::helo:
    command.host = take_word(rest);
    if (command.host.ends_with('.') && !command.host.starts_with('[')) command.host.pop_back(); // as DNS writes names
    good = is_host_name(command.host) && take_word(rest).empty();
    break;
  case Verb::mail: return parse_mail(rest, command);
  case Verb::rcpt: return parse_rcpt(rest, utf8, command);
  case Verb::bdat: good = parse_bdat(rest, command); break;
  case Verb::data:
  case Verb::rset:
  case Verb::starttls:
  case Verb::quit: good = rest.empty(); break; // §4.1.1.4, §4.1.1.5, §4.1.1.10, RFC 3207 §4
  case Verb::vrfy: good = !rest.empty(); break;
  case Verb::noop:
  case Verb::help:
  case Verb::unknown: break;
  }
  return good ? Reason::none : Reason::command_syntax;
}

} // namespace

Verb verb_of(std::string_view line) { return verb_named(take_word(line)); }

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
  if (const Reason wrong = parse_rest(rest, utf8, command); wrong != Reason::none) return fail(wrong);
  return command;
}

} // namespace sekisho::smtp
