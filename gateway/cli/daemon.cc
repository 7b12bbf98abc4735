#include "gateway/cli/daemon.hh"

#include "base/utf8.hh"
#include "gateway/cli/duration.hh"
#include "gateway/cli/members.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::cli {
namespace {

constexpr int answer_limit_ms = 15'000;
constexpr std::size_t most_why = 500; // octets

/// Blanks of an input method too.
bool is_blank(std::string_view text) {
  for (std::size_t position = 0; position < text.size();)
    if (const char32_t c = utf8_next(text, position); c != ' ' && c != 0xa0 && c != 0x3000) return false;
  return true;
}

bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

bool paints(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x061c || c == 0xfeff ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         (c >= 0xe0000 && c <= 0xe007f); // tags
}

} // namespace

std::shared_ptr<std::string> add_run_option(CLI::App &command) {
  auto run = std::make_shared<std::string>();
  command.add_option("--run", *run, "run folder of the daemon (default: $SEKISHO_RUN or /run/sekisho)");
  return run;
}

void add_because(CLI::App &command, std::string &text, Because names) {
  CLI::Option *because = command.add_option("--because", text, "why, for the record");
  CLI::Option *reason = names == Because::only ? nullptr : command.add_option("--reason", text)->group(""); // not shown
  command.parse_complete_callback([because, reason, &text] {
    if (because->count() + (reason ? reason->count() : 0) == 0) throw CLI::RequiredError("--because");
    if (text.size() > most_why || std::ranges::any_of(text, is_control))
      throw CLI::ValidationError("--because", "one line of at most 500 octets");
    if (is_blank(text)) throw CLI::ValidationError("--because", "a reason, not blanks alone");
  });
}

bool put_span(control::Json &question, std::string_view who, const std::string &since, const std::string &until) {
  const Result<Span> span = parse_span(since, until, unix_now());
  if (!span) tell_error(who, span.error().what);
  if (span && span->since) question["since"] = *span->since;
  if (span && span->until) question["until"] = *span->until;
  return span.has_value();
}

std::optional<control::Json> ask_daemon(std::string_view word, const std::string &run,
                                        const control::Json &question, int &exit_status,
                                        int sent_along) {
  Result<control::Json> answer = control::ask(control::run_folder(run), question, answer_limit_ms, sent_along);
  if (!answer) {
    tell_error(fmt::format("sekisho {}", word), answer.error().what);
    exit_status = unreachable;
    return std::nullopt;
  }
  if (!(*answer)["ok"].get<bool>()) {
    std::string error = answer->value("error", "refused without saying why");
    fmt::print(stderr, "sekisho {}: {}\n", word, error);
    exit_status = refused;
    return std::nullopt;
  }
  exit_status = answered;
  return (*answer)["answer"];
}

std::string for_terminal(std::string_view text) {
  std::string safe;
  for (std::size_t position = 0; position < text.size();) {
    char32_t c = utf8_next(text, position);
    if (paints(c)) safe += fmt::format("<U+{:04X}>", static_cast<unsigned>(c));
    else utf8_append(safe, c);
  }
  return safe;
}

void tell_error(std::string_view who, std::string_view what) { fmt::print(stderr, "{}: {}\n", who, for_terminal(what)); }

std::string to_text(const control::Json &json) {
  const std::string text = json.dump(2, ' ', false, control::Json::error_handler_t::replace);
  std::string safe;
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = utf8_next(text, position);
    if (!paints(c) || c == '\n') utf8_append(safe, c); // line ends of its strings are escaped already
    else if (c <= 0xffff) safe += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else safe += fmt::format("\\u{:04x}\\u{:04x}", 0xd7c0 + static_cast<unsigned>(c >> 10), 0xdc00 + static_cast<unsigned>(c & 0x3ff));
  }
  return safe;
}

} // namespace sekisho::cli
