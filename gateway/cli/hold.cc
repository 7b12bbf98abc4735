// sekisho hold: look at what is held, let it go, delete it (H2, L11, X5).
#include "base/clock.hh"
#include "base/reason.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/duration.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/output_file.hh"
#include "gateway/cli/story.hh"
#include "gateway/cli/table.hh"
#include "sanitizer/mime/parse.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include <unistd.h>

namespace sekisho::cli {
namespace {

using control::Json;

struct Options {
  std::string relay, sender, recipient, reason, since, until, because, as, output;
  std::vector<std::string> receipts, to;
  std::uint64_t limit = 0;
  bool original = false, again = false, dry_run = false, json = false;

  bool chooses() const {
    return std::ranges::any_of(std::array{&relay, &sender, &recipient, &reason, &since, &until}, [](const std::string *said) { return !said->empty(); });
  }
};

using Shared = std::shared_ptr<Options>;

std::string joined(const std::vector<std::string> &words) {
  std::string all;
  for (const std::string &word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

std::string joined(const Json &words) {
  std::vector<std::string> all;
  for (const Json &word : words)
    if (word.is_string()) all.push_back(word.get<std::string>());
  std::string text;
  for (const std::string &word : all) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string recipients_of(const Json &held) {
  std::string text = joined(list_in(held, "recipients"));
  if (const std::uint64_t more = number_in(held, "more_recipients"); more > 0) text += fmt::format(" (+{})", more);
  return text;
}

std::optional<Json> ask(const Options &options, const char *what, const std::string &run_folder, int &exit_status) {
  Json question{{"do", "hold"}, {"what", what}};
  for (const auto &[name, value] :
       {std::pair("relay", &options.relay), std::pair("sender", &options.sender),
        std::pair("recipient", &options.recipient), std::pair("reason", &options.reason),
        std::pair("because", &options.because), std::pair("as", &options.as)})
    if (!value->empty()) question[name] = *value;
  if (!options.receipts.empty()) question["receipts"] = joined(options.receipts);
  if (options.limit > 0) question["limit"] = options.limit;
  if (options.original) question["original"] = true;
  if (options.again) question["again"] = true;
  if (!options.to.empty()) question["to"] = joined(options.to);
  if (!put_span(question, "sekisho hold", options.since, options.until)) {
    exit_status = unreachable;
    return std::nullopt;
  }
  return ask_daemon("hold", run_folder, question, exit_status);
}

// -- looking ------------------------------------------------------------------------------------------------

std::string state_of(const Json &held) {
  if (!text_in(held, "released").empty()) return std::string(in_words("released", "解放済"));
  return std::string(held.value("delivered", Json(false)) == true ? in_words("original kept", "原本保管")
                                                                  : in_words("held", "保留"));
}

void print_list(const Json &answer) {
  Table table({{"receipt", "受付番号"},
               {"held since", "保留日時"},
               {"relay", "中継"},
               {"state", "状態"},
               {"why", "理由"},
               {"octets", "バイト", true},
               {"sender", "差出人"},
               {"recipients", "宛先"},
               {"subject", "件名"}});
  for (const Json &held : list_in(answer, "held"))
    table.add({text_in(held, "receipt"), text_in(held, "time"), text_in(held, "relay"), state_of(held),
               text_in(held, "reason"), std::to_string(number_in(held, "size")), text_in(held, "sender"),
               recipients_of(held), text_in(held, "subject")});
  if (!table.empty()) fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
  if (answer.value("more", Json(false)) == true)
    fmt::print("{}\n", in_words("… and more: --limit, or choose", "… 続きあり: --limit または絞り込み"));
  const std::uint64_t shown = list_in(answer, "held").size(), all = number_in(answer, "count");
  if (shown < all) fmt::print("{} {}; ", shown, in_words("shown", "件を表示"));
  fmt::print("{} {}, {} {}\n", all, in_words("in the hold", "件を保管中"),
             short_number(static_cast<double>(number_in(answer, "octets"))), in_words("octets", "バイト"));
}

void print_held(const Json &answer) {
  const Json held = answer.value("held", Json::object());
  fmt::print("{}  {}\n", for_terminal(text_in(held, "receipt")), state_of(held));
  fmt::print("  {}\n", reason_sentence(text_in(held, "reason")));
  const std::pair<const char *, std::string> rows[] = {
      {"relay", text_in(held, "relay")},           {"accepted", text_in(held, "accepted")},
      {"held since", text_in(held, "time")},       {"client", text_in(held, "client")},
      {"sender", text_in(held, "sender")},         {"recipients", joined(list_in(held, "recipients"))},
      {"subject", text_in(held, "subject")},       {"octets", std::to_string(number_in(held, "size"))},
  };
  for (const auto &[name, value] : rows) fmt::print("  {:<11} {}\n", name, for_terminal(value));
  if (const Json &reached = list_in(held, "reached"); !reached.empty())
    fmt::print("  {:<11} {}\n", "have it", for_terminal(joined(reached)));
  fmt::print("{}", tell_answers(list_in(held, "answers"), text_in(held, "reason")));
  if (const std::string released = text_in(held, "released"); !released.empty()) fmt::print("  {:<11} {}\n", "released", for_terminal(released));
  if (const Json report = answer.value("report", Json()); report.is_object()) fmt::print("{}", tell_report(report));
}

/// Our own mails have their texts in UTF-8.
void print_texts(const std::string &text) {
  const mime::Mail mail = mime::parse(as_bytes(text), {});
  for (const mime::Part &part : mail.parts) {
    if (part.is_multipart()) continue;
    if (!part.is("text/plain")) {
      fmt::print("[{} {}]\n", for_terminal(part.type), for_terminal(part.name));
      continue;
    }
    const Buffer decoded = mime::decode_transfer(part.encoding, part.body);
    std::string_view rest = as_chars(decoded);
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      fmt::print("{}\n", for_terminal(line));
    }
  }
}

bool is_clean(const Json &preview) { return text_in(preview, "outcome") == "clean"; }

/// Where it was written is then told with the rest.
void write_preview(const std::string &path, Json &answer, int &exit_status) {
  if (path.empty() || !is_clean(answer)) return;
  const std::string mail = text_in(answer, "mail");
  if (auto written = write_file(path, as_bytes(mail)); written) {
    answer["output"] = path;
  } else {
    tell_error("sekisho hold", written.error().what);
    exit_status = unreachable;
  }
}

void print_preview(const Options &options, const Json &answer) {
  if (!is_clean(answer)) {
    fmt::print("{}\n", in_words("with this plan it could not be handed on:", "この方法では無害化できません:"));
    fmt::print("  {}\n", reason_sentence(text_in(answer, "reason")));
  }
  if (options.output.empty() || !is_clean(answer)) print_texts(text_in(answer, "mail"));
  if (const Json report = answer.value("report", Json()); report.is_object()) fmt::print("\n{}", tell_report(report));
}

// -- doing --------------------------------------------------------------------------------------------------

void print_done(const Json &answer, std::string_view english, std::string_view japanese) {
  if (list_in(answer, "done").empty() && list_in(answer, "failed").empty()) fmt::print("0 {}\n", in_words("mails", "通"));
  for (const Json &receipt : list_in(answer, "done"))
    fmt::print("{}  {}\n", receipt.is_string() ? for_terminal(receipt.get<std::string>()) : "",
               in_words(english, japanese));
  for (const Json &failed : list_in(answer, "failed")) {
    const std::string reason = text_in(failed, "reason");
    fmt::print(stderr, "{}  {}{}\n", for_terminal(text_in(failed, "receipt")), for_terminal(text_in(failed, "error")),
               reason.empty() ? "" : " (" + reason_sentence(reason) + ")");
  }
}

constexpr std::size_t receipts_at_once = 20; // of one question: it is answered in time
constexpr std::uint64_t most_chosen = 10'000;

/// Those of the list that an order would reach.
void leave_out_unreached(Json &listed, bool releases, bool again) {
  Json reached = Json::array();
  for (const Json &held : list_in(listed, "held"))
    if (!is_true_in(held, "on_its_way") && (!releases || again || text_in(held, "released").empty())) reached.push_back(held);
  listed["held"] = std::move(reached);
}

/// By what mails have in common: as `list` finds them.  Nothing: it was told why, or only shown.
std::optional<std::vector<std::string>> choose(const Options &options, std::string_view word, const std::string &run_folder, int &exit_status) {
  Options choice;
  choice.relay = options.relay, choice.sender = options.sender, choice.recipient = options.recipient, choice.reason = options.reason;
  choice.since = options.since, choice.until = options.until, choice.limit = most_chosen;
  std::optional<Json> listed = ask(choice, "list", run_folder, exit_status);
  if (!listed) return std::nullopt;
  const bool is_whole = !is_true_in(*listed, "more");
  leave_out_unreached(*listed, word == "release", options.again);
  if (options.dry_run) {
    if (options.json) fmt::print("{}\n", to_text(*listed));
    else print_list(*listed);
    return std::nullopt;
  }
  if (!is_whole) {
    tell_error("sekisho hold", "these are more than go at once; choose fewer, as with --until");
    exit_status = refused;
    return std::nullopt;
  }
  std::vector<std::string> receipts;
  for (const Json &held : list_in(*listed, "held")) receipts.push_back(text_in(held, "receipt"));
  std::ranges::reverse(receipts); // the oldest first
  return receipts;
}

/// In as many questions as it takes.
std::optional<Json> order(Options options, const char *word, const std::string &run_folder, int &exit_status) {
  if (options.receipts.empty() != options.chooses() || (options.dry_run && !options.chooses())) {
    tell_error("sekisho hold", "which mails? name receipt numbers, or choose by --relay, --sender, --recipient, --reason, --since, --until");
    exit_status = unreachable;
    return std::nullopt;
  }
  std::vector<std::string> receipts = std::move(options.receipts);
  if (receipts.empty()) {
    std::optional<std::vector<std::string>> chosen = choose(options, word, run_folder, exit_status);
    if (!chosen) return std::nullopt;
    receipts = std::move(*chosen);
    options.relay = options.sender = options.recipient = options.reason = options.since = options.until = "";
  }
  Json all{{"done", Json::array()}, {"failed", Json::array()}};
  for (std::size_t first = 0; first < receipts.size(); first += receipts_at_once) {
    const auto begin = receipts.begin() + static_cast<std::ptrdiff_t>(first);
    options.receipts.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(receipts_at_once, receipts.size() - first)));
    const std::optional<Json> answer = ask(options, word, run_folder, exit_status);
    if (!answer && first == 0) return std::nullopt;
    if (!answer) break; // what was done is told
    for (const char *which : {"done", "failed"})
      for (const Json &one : list_in(*answer, which)) all[which].push_back(one);
  }
  return all;
}

/// Something of what was asked was not, or could not be, done.
bool refuses(const Json &answer) {
  return !list_in(answer, "failed").empty() || (answer.contains("outcome") && !is_clean(answer));
}

CLI::App *add(CLI::App &hold, const char *word, const char *about, const Shared &options,
              std::function<void(const Json &)> print, const std::shared_ptr<std::string> &run_folder,
              int &exit_status) {
  CLI::App *command = hold.add_subcommand(word, about);
  command->fallthrough(); // --run
  command->add_flag("--json", options->json, "as one JSON object");
  command->callback([=, &exit_status] {
    const bool orders = std::string_view(word) == "release" || std::string_view(word) == "delete";
    auto answer = orders ? order(*options, word, *run_folder, exit_status) : ask(*options, word, *run_folder, exit_status);
    if (!answer) return;
    if (exit_status == answered && refuses(*answer)) exit_status = refused;
    write_preview(options->output, *answer, exit_status);
    if (options->json) fmt::print("{}\n", to_text(*answer));
    else print(*answer);
  });
  return command;
}

CLI::Option *add_as(CLI::App &command, const Shared &options) {
  return command.add_option("--as", options->as,
                            "treatments, as \"pdf render office text\" (default: whatever can be made harmless and kept)");
}

CLI::Option *add_receipts(CLI::App &command, const Shared &options) {
  return command.add_option("RECEIPT", options->receipts, "as in the note to the reader");
}

void add_choice(CLI::App &command, const Shared &options) {
  command.add_option("--relay", options->relay, "of this relay");
  command.add_option("--sender", options->sender, "whose sender contains this; '<>': who have none");
  command.add_option("--recipient", options->recipient, "with a recipient that contains this");
  command.add_option("--reason", options->reason, "held for this reason (sekisho reasons)");
  command.add_option("--since", options->since, "7d, 2026-11-20 or 2026-11-20T18:45+09:00");
  command.add_option("--until", options->until, "the same");
}

void add_order(CLI::App &command, const Shared &options) {
  add_receipts(command, options);
  add_choice(command, options);
  command.add_flag("--dry-run", options->dry_run, "only list those that are chosen");
  add_because(command, options->because, Because::only);
}

} // namespace

void add_hold(CLI::App &app, int &exit_status) {
  CLI::App *hold = app.add_subcommand("hold", "Held mails and kept originals: look, release, delete");
  hold->require_subcommand(1);
  auto options = std::make_shared<Options>();
  auto run_folder = add_run_option(*hold);

  CLI::App *list = add(*hold, "list", "The newest first", options, print_list, run_folder, exit_status);
  add_choice(*list, options);
  list->add_option("--limit", options->limit, "at most so many (default: 100)")->check(CLI::Range(1, 10'000));
  list->footer("Example:\n  sekisho hold list --reason held-encrypted --since 7d");

  CLI::App *show = add(*hold, "show", "Envelope, reason and what was found in it", options, print_held, run_folder, exit_status);
  add_receipts(*show, options)->required();
  show->footer("Example:\n  sekisho hold show R8K4-7Q2M-X9");

  CLI::App *preview = add(
      *hold, "preview", "The harmless form that a release would hand on", options,
      [options](const Json &answer) { print_preview(*options, answer); }, run_folder, exit_status);
  add_receipts(*preview, options)->required();
  add_as(*preview, options);
  preview->add_option("--output", options->output, "write the harmless mail to this file");
  preview->footer("Example:\n  sekisho hold preview R8K4-7Q2M-X9 --as \"office text\"");

  CLI::App *release = add(
      *hold, "release", "Treat the originals anew and deliver them", options,
      [](const Json &answer) { print_done(answer, "released", "解放した"); }, run_folder, exit_status);
  add_order(*release, options);
  CLI::Option *as = add_as(*release, options);
  release->add_flag("--original", options->original, "the originals themselves, where a rule lists you")->excludes(as);
  release->add_option("--to", options->to, "to this one only, of its recipients or of those who have it; may be repeated");
  release->add_flag("--again", options->again, "also what was released before");
  release->footer("Examples:\n  sekisho hold release R8K4-7Q2M-X9 --as \"office text\" --because \"asked for by the tax office\"\n"
                  "  sekisho hold release --reason job-timeout --since 2h --because \"the machine was overloaded\" --dry-run");

  CLI::App *erase = add(
      *hold, "delete", "Delete for good", options,
      [](const Json &answer) { print_done(answer, "deleted", "削除した"); }, run_folder, exit_status);
  add_order(*erase, options);
  erase->footer("Examples:\n  sekisho hold delete R8K4-7Q2M-X9 --because \"advertisement\"\n"
                "  sekisho hold delete --sender spam.example --until 30d --because \"advertisement\" --dry-run");

  hold->footer("Exits 0 when all was done, 1 when something was refused, 2 when the daemon cannot be asked.\n\n"
               "Examples:\n  sekisho hold list --reason held-encrypted --since 7d\n"
               "  sekisho hold release R8K4-7Q2M-X9 --as \"office text\" --because \"asked for by the tax office\"");
}

} // namespace sekisho::cli
