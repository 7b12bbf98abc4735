// sekisho trace: what happened to a mail, and which mails there were (L11).
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/cli/members.hh"
#include "gateway/cli/story.hh"
#include "gateway/cli/table.hh"
#include "gateway/record/index.hh"
#include "gateway/spool/receipt.hh"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>

namespace sekisho::cli {
namespace {

using control::Json;

constexpr std::size_t max_story = 16u << 20; // octets

struct Options {
  std::string key, record_folder;
  std::string receipt, message_id, sender, recipient, subject, hash, since, until;
  unsigned limit = 0;
  bool stories = false, json = false;
};

void complain(std::string_view what) { tell_error("sekisho trace", what); }

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

// -- what is asked --------------------------------------------------------------------------------------------

/// Of what kind KEY is, by its shape.
bool read_key(Options &options) {
  const std::string &key = options.key;
  if (key.empty()) return true;
  if (auto receipt = spool::read_receipt(key)) options.receipt = *receipt;
  else if (is_sha256(key)) options.hash = key;
  else if (key.starts_with('<') && key.ends_with('>') && key.find('@') != std::string::npos) options.message_id = key;
  else {
    complain(fmt::format("\"{}\" is no receipt number (as R8K4-7Q2M-X9), no SHA-256 and no <message-id>", key));
    const char *kind = key == "<>" || key.find_first_of("@.") != std::string::npos ? "--sender" : "--subject";
    fmt::print(stderr, "did you mean  sekisho trace {} \"{}\" ?  (or --sender, --recipient, --subject, --message-id, --hash)\n", kind,
               for_terminal(key));
    return false;
  }
  return true;
}

/// "*@example.com", as rules and `sekisho queue` have it, is the domain.  False: no domain is there; told.
bool read_address(const char *option, std::string &text) {
  constexpr std::string_view anybody = "*@";
  if (!text.starts_with(anybody)) return true;
  text.erase(0, anybody.size());
  if (text.empty()) complain(fmt::format("{} wants an address or a domain, not *@", option));
  return !text.empty();
}

/// Nothing: improper; told.
std::optional<Json> question_of(const Options &options) {
  Json question{{"do", "trace"}};
  for (const auto &[name, value] :
       {std::pair("receipt", &options.receipt), std::pair("message_id", &options.message_id),
        std::pair("sender", &options.sender), std::pair("recipient", &options.recipient),
        std::pair("subject", &options.subject), std::pair("hash", &options.hash)})
    if (!value->empty()) question[name] = *value;
  if (!options.hash.empty() && !is_sha256(options.hash)) {
    complain("--hash wants a SHA-256: 64 hexadecimal digits, as sha256sum prints");
    return std::nullopt;
  }
  if (!put_span(question, "sekisho trace", options.since, options.until)) return std::nullopt;
  if (question.size() == 1) {
    complain("say what the mail is to be found by: a receipt number, --sender, --recipient, --subject, --message-id, --hash, "
             "--since or --until");
    return std::nullopt;
  }
  if (options.limit > 0) question["limit"] = options.limit;
  if (options.stories) question["stories"] = true;
  return question;
}

// -- what is told ---------------------------------------------------------------------------------------------

std::string joined(const Json &words) {
  std::string all;
  for (const Json &word : words)
    if (word.is_string()) all += (all.empty() ? "" : ", ") + word.get<std::string>();
  return all;
}

std::string story_of(const Json &mail) {
  const std::string receipt = text_in(mail, "receipt");
  return tell_story(receipt.empty() ? "—" : receipt, list_in(mail, "events"));
}

void print_table(const Json &mails) {
  Table table({{"receipt", "受付番号"},
               {"time", "日時"},
               {"relay", "中継"},
               {"last event", "最後の出来事"},
               {"why", "理由"},
               {"sender", "差出人"},
               {"recipients", "宛先"},
               {"subject", "件名"},
               {"peer's answer", "転送先の応答"}});
  for (const Json &mail : mails)
    table.add({text_in(mail, "receipt"), text_in(mail, "time"), text_in(mail, "relay"), text_in(mail, "last_event"),
               text_in(mail, "reason"), at_most(40, text_in(mail, "sender")), at_most(40, joined(list_in(mail, "recipients"))),
               at_most(48, text_in(mail, "subject")), at_most(60, text_in(mail, "answer")) + (list_in(mail, "answers").empty() ? "" : " …")});
  if (!table.empty()) fmt::print("{}", table.text(colours_for(STDOUT_FILENO)));
}

void print_found(const Options &options, const Json &answer) {
  const Json &mails = list_in(answer, "mails");
  if (options.json) {
    fmt::print("{}\n", to_text(options.receipt.empty() || mails.empty() ? answer : list_in(mails.front(), "events")));
  } else if (options.stories || (mails.size() == 1 && answer.value("more", Json()) == false)) {
    for (const Json &mail : mails) fmt::print("{}{}", &mail == &mails.front() ? "" : "\n", story_of(mail));
  } else {
    print_table(mails);
  }
}

/// Parts of an address find nothing.
void hint_at_whole(std::string_view option, const std::string &typed) {
  const std::size_t at = typed.find('@');
  const bool is_whole = at == typed.npos ? typed.find('.') != typed.npos : at + 1 < typed.size();
  if (typed.empty() || typed == "<>" || is_whole) return;
  complain(fmt::format("{} \"{}\": {}", option, for_terminal(typed),
                       in_words("a whole address or domain is looked for (yamada@supplier.example.com, supplier.example.com)",
                                "アドレスまたはドメインの全体で検索します(例 yamada@supplier.example.com、supplier.example.com)")));
}

/// What may be missing in it; the exit status.
int judge(const Options &options, const Json &answer) {
  const bool found = !list_in(answer, "mails").empty(), more = answer.value("more", Json()) == true;
  const bool is_behind = answer.value("behind", Json()) == true;
  if (is_behind)
    complain(fmt::format("the search index knows {} % of the record: something may be missing here; ask again later, or with a "
                         "receipt number read the record itself: --record FOLDER", number_in(answer, "percent")));
  if (more && found) complain(in_words("there are more: say more about the mail, or --limit", "他にもあり: 条件を追加、または --limit"));
  if (more && !found) complain("nothing in the time for one answer: say more about the mail, as --since and --until");
  if (found) return answered;
  if (is_behind || more) return unreachable;
  const bool says_more = !options.message_id.empty() || !options.sender.empty() || !options.recipient.empty() ||
                         !options.subject.empty() || !options.hash.empty() || !options.since.empty() || !options.until.empty();
  if (options.receipt.empty() || says_more) complain(in_words("no mail fits", "該当するメールなし"));
  else complain(fmt::format("no mail has the receipt number {}", options.receipt));
  hint_at_whole("--sender", options.sender);
  hint_at_whole("--recipient", options.recipient);
  return refused;
}

/// The record's lines become events.
Json with_events(Json answer) {
  if (!answer.is_object() || !answer.contains("mails") || !answer["mails"].is_array()) return Json::object();
  for (Json &mail : answer["mails"]) {
    if (!mail.is_object() || !mail.contains("lines")) continue;
    Json events = Json::array();
    for (const Json &line : list_in(mail, "lines"))
      if (line.is_string()) events.push_back(Json::parse(line.get_ref<const std::string &>(), nullptr, false));
    mail.erase("lines");
    mail["events"] = std::move(events);
  }
  return answer;
}

/// Straight from the files, for a record copied elsewhere or a daemon that is down; in the shape of the daemon's answer.
std::optional<Json> read_record(const Options &options) {
  if (options.receipt.empty()) {
    complain("--record reads the files for a receipt number only");
    return std::nullopt;
  }
  auto lines = record::find_lines(options.record_folder, options.receipt, max_story);
  if (!lines) {
    complain(lines.error().what);
    return std::nullopt;
  }
  Json answer{{"mails", Json::array()}, {"more", false}};
  if (!lines->empty()) answer["mails"].push_back({{"receipt", options.receipt}, {"lines", *lines}});
  return answer;
}

void run(Options &options, const std::string &run_folder, int &exit_status) {
  exit_status = unreachable;
  if (!read_key(options) || !read_address("--sender", options.sender) || !read_address("--recipient", options.recipient)) return;
  std::optional<Json> question = question_of(options), answer;
  if (!question) return;
  if (options.record_folder.empty()) answer = ask_daemon("trace", run_folder, *question, exit_status);
  else answer = read_record(options);
  if (!answer) return;
  *answer = with_events(std::move(*answer));
  print_found(options, *answer);
  exit_status = judge(options, *answer);
}

} // namespace

void add_trace(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("trace", "Find mails and tell what happened to them");
  auto options = std::make_shared<Options>();
  auto run_folder = add_run_option(*command);
  command->add_option("KEY", options->key, "a receipt number (as in the note to the reader and in the SMTP reply), a SHA-256 or a <message-id>");
  command->add_option("--sender", options->sender, "address or domain, of the envelope or From; '<>': none, as bounces have");
  command->add_option("--recipient", options->recipient, "address or domain, of the envelope or To");
  command->add_option("--subject", options->subject, "a part of it, two characters or more");
  command->add_option("--message-id", options->message_id, "with or without < >");
  command->add_option("--hash", options->hash, "SHA-256 of the mail, of a part, or of what was made of either");
  command->add_option("--since", options->since, "7d, 2026-11-20 or 2026-11-20T18:45+09:00");
  command->add_option("--until", options->until, "the same");
  command->add_option("--limit", options->limit, "at most so many (default: 50)")->check(CLI::Range(1, 1000));
  command->add_flag("--stories", options->stories, "the whole story of each mail, not a line each");
  command->add_flag("--json", options->json, "as JSON");
  command->add_option("--record", options->record_folder, "read this record folder instead of asking the daemon; by a receipt number");
  command->footer("Exits 0 when a mail was found, 1 when there is none, 2 when that cannot be told.\n\n"
                  "Examples:\n  sekisho trace R8K4-7Q2M-X9\n"
                  "  sekisho trace --sender supplier.example.com --subject 見積 --since 30d");
  command->callback([options, run_folder, &exit_status] { run(*options, *run_folder, exit_status); });
}

} // namespace sekisho::cli
