// sekisho queue: the mails that are under way, and what a person orders about them (L1).
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/story.hh"
#include "gateway/cli/table.hh"

#include <fmt/format.h>

#include <algorithm>

#include <pwd.h>
#include <unistd.h>

namespace sekisho::cli {
namespace {

using control::Json;

struct Options {
  std::vector<std::string> receipts;
  std::string relay, recipient, sender, why;
  std::uint64_t limit = 50;
  bool everything = false, json = false;
};

std::string joined(const Json &words) {
  std::string text;
  for (const Json &word : words)
    if (word.is_string()) text += (text.empty() ? "" : " ") + word.get<std::string>();
  return text;
}

/// Who ordered it, by his name then; of orders of before it was kept, as it is now.
std::string user_of(const Json &mail) {
  if (std::string user = text_in(mail, "by_user"); !user.empty()) return user;
  if (!mail.contains("by") || !mail["by"].is_number_integer()) return {};
  const auto uid = mail["by"].get<std::int64_t>();
  const passwd *user = uid >= 0 ? ::getpwuid(static_cast<uid_t>(uid)) : nullptr;
  return user ? user->pw_name : std::to_string(uid);
}

/// What there is to say of its state in a few words.
std::string detail_of(const Json &mail) {
  std::string text;
  if (std::string user = user_of(mail); !user.empty()) text = fmt::format("{}: {}", user, text_in(mail, "why"));
  else if (std::string answer = text_in(mail, "answer"); !answer.empty()) text = answer + (list_in(mail, "answers").empty() ? "" : " …");
  return text;
}

void print_list(const Json &answer) {
  Table table({{"receipt", "受付番号"},
               {"state", "状態"},
               {"accepted", "受信"},
               {"tries", "試行", true},
               {"next", "次回"},
               {"relay", "中継"},
               {"sender", "差出人"},
               {"recipients", "宛先"},
               {"reason", "理由"},
               {"detail", "詳細"}});
  for (const Json &mail : list_in(answer, "mails")) {
    std::string recipients = joined(list_in(mail, "recipients"));
    if (const std::uint64_t more = number_in(mail, "more_recipients"); more > 0) recipients += fmt::format(" (+{})", more);
    const std::string retry = text_in(mail, "retry_at");
    const std::string sender = text_in(mail, "sender");
    table.add({text_in(mail, "receipt"), text_in(mail, "state"), text_in(mail, "accepted"),
               std::to_string(number_in(mail, "attempts")), retry.empty() ? "-" : retry, text_in(mail, "relay"),
               sender.empty() ? "<>" : sender, recipients, text_in(mail, "reason"), detail_of(mail)});
  }
  if (!table.empty()) fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
  const std::uint64_t total = number_in(answer, "total"), shown = list_in(answer, "mails").size();
  fmt::print("{} {}{}\n", total, in_words(total == 1 ? "mail under way" : "mails under way", "通"),
             shown < total ? fmt::format(" ({} {})", shown, in_words("shown", "件を表示")) : "");
}

void print_one(const Json &mail) {
  for (const auto &[name, value] : mail.items())
    if (name == "answers") fmt::print("{}", tell_answers(value, text_in(mail, "reason")));
    else fmt::print("{:<12} {}\n", name,
               for_terminal(value.is_string() ? value.get<std::string>()
                            : name == "by"    ? user_of(mail)
                            : value.is_array() ? joined(value)
                                               : value.dump()));
}

void print_those(const Json &answer, const char *which, std::string_view what) {
  if (const std::string receipts = joined(list_in(answer, which)); !receipts.empty())
    fmt::print("{}: {}\n", what, for_terminal(receipts));
}

Json question_of(const char *action, const Options &options, const std::string &receipt) {
  Json question{{"do", "queue"}, {"action", action}};
  for (const auto &[name, word] : {std::pair("receipt", receipt), std::pair("relay", options.relay),
                                   std::pair("recipient", options.recipient), std::pair("sender", options.sender),
                                   std::pair("why", options.why)})
    if (!word.empty()) question[name] = word;
  if (options.everything) question["everything"] = true;
  question["limit"] = options.limit;
  return question;
}

/// Lists of the one behind those of the other, and counts together.
void add_up(Json &answer, const Json &more) {
  for (const auto &[name, value] : more.items()) {
    if (value.is_number_unsigned()) answer[name] = number_in(answer, name.c_str()) + value.get<std::uint64_t>();
    else if (value.is_array())
      for (const Json &one : value) answer[name].push_back(one);
  }
}

/// A question for each receipt: what cannot be done is told, the others go.  Nothing: none was done.
std::optional<Json> ask(const char *action, const Options &options, const std::string &run_folder, int &exit_status) {
  std::vector<std::string> receipts = options.receipts;
  if (receipts.empty()) receipts.emplace_back(); // whichever else fit
  std::optional<Json> answer;
  int worst = answered;
  for (const std::string &receipt : receipts) {
    const std::optional<Json> one = ask_daemon("queue", run_folder, question_of(action, options, receipt), exit_status);
    worst = std::max(worst, exit_status);
    if (exit_status == unreachable) break;
    if (one && answer) add_up(*answer, *one);
    else if (one) answer = *one;
  }
  exit_status = worst;
  return answer;
}

void run(const char *action, const Options &options, const std::string &run_folder, int &exit_status) {
  auto answer = ask(action, options, run_folder, exit_status);
  if (!answer) return;
  const std::string word = action;
  if (word == "show" && list_in(*answer, "mails").empty()) {
    fmt::print(stderr, "sekisho queue: no mail under way has the receipt number {0}; `sekisho trace {0}` tells what became of it\n",
               for_terminal(options.receipts.front()));
    exit_status = refused;
    return;
  }
  if (options.json) fmt::print("{}\n", to_text(*answer));
  else if (word == "list") print_list(*answer);
  else if (word == "show") print_one(list_in(*answer, "mails").front());
  else {
    const std::uint64_t changed = number_in(*answer, "changed");
    fmt::print("{} {}\n", changed, in_words(changed == 1 ? "mail" : "mails", "通"));
    print_those(*answer, "handed_over", in_words("being handed over, may still arrive", "引き渡し中のため届くことがあります"));
    print_those(*answer, "too_late", in_words("too late, handed over before", "引き渡し済みのため間に合いませんでした"));
    if (changed == 0 && !list_in(*answer, "too_late").empty()) exit_status = refused;
  }
}

void add_choice(CLI::App &command, Options &options) {
  command.add_option("--relay", options.relay, "of this relay");
  command.add_option("--recipient", options.recipient, "to this address, or to any of this domain");
  command.add_option("--sender", options.sender, "from this address, or from any of this domain; '<>': notices and other mails without a sender");
}

void add_action(CLI::App &queue, const char *action, const char *about, const char *footer, int &exit_status) {
  CLI::App *command = queue.add_subcommand(action, about);
  auto options = std::make_shared<Options>();
  auto run_folder = add_run_option(*command);
  const std::string word = action;
  CLI::Option *receipt = command->add_option("RECEIPT", options->receipts, "the mails of these receipt numbers");
  if (word == "show") receipt->required()->expected(1);
  else add_choice(*command, *options);
  if (word == "list") command->add_option("--limit", options->limit, "at most so many")->capture_default_str()->check(CLI::Range(1, 100'000));
  else if (word != "show") command->add_flag("--all", options->everything, "all mails under way");
  if (word == "hold" || word == "drop") add_because(*command, options->why);
  command->add_flag("--json", options->json, "as one JSON object");
  command->footer(footer);
  command->callback([=, &exit_status] { run(action, *options, *run_folder, exit_status); });
}

} // namespace

void add_queue(CLI::App &app, int &exit_status) {
  CLI::App *queue = app.add_subcommand("queue", "List and steer the mails that are under way");
  queue->require_subcommand(1);
  queue->footer("Who ordered what, and why, stands in the record: sekisho trace RECEIPT.\n\n"
                "Exit status: 0 done, 1 refused or no such mail, 2 the daemon cannot be asked.\n\n"
                "Examples:\n"
                "  sekisho queue list --recipient town.example.lg.jp\n"
                "  sekisho queue hold --sender supplier.example.com --because '問い合わせ中'");
  add_action(*queue, "list", "List the mails that are under way, the oldest first",
             "Example:\n  sekisho queue list --recipient town.example.lg.jp", exit_status);
  add_action(*queue, "show", "Tell all about one of them", "Example:\n  sekisho queue show 7K3M-Q2XA-91", exit_status);
  add_action(*queue, "flush", "Try at once those that wait for their next time",
             "Example:\n  sekisho queue flush --relay inbound", exit_status);
  add_action(*queue, "hold", "Stop mails in the queue until somebody releases them, also over a restart",
             "A mail that is being handed over at this moment may still arrive.\n\n"
             "Example:\n  sekisho queue hold --sender supplier.example.com --because '問い合わせ中'",
             exit_status);
  add_action(*queue, "release", "Let held mails go on", "Example:\n  sekisho queue release 7K3M-Q2XA-91", exit_status);
  add_action(*queue, "drop", "Take mails out of the queue: they go to the hold, nothing is lost",
             "Example:\n  sekisho queue drop 7K3M-Q2XA-91 --because '誤送信'", exit_status);
}

} // namespace sekisho::cli
