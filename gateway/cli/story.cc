#include "gateway/cli/story.hh"

#include "base/reason.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/smtp/reply.hh"

#include <fmt/format.h>

#include <initializer_list>

namespace sekisho::cli {
namespace {

using Json = nlohmann::ordered_json;

/// The value of a member as words; empty when it is not there.
std::string words(const Json &value) {
  if (value.is_string()) return for_terminal(value.get<std::string>());
  if (value.is_null()) return "";
  if (!value.is_array()) return for_terminal(value.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::string joined;
  for (const Json &element : value) joined += (joined.empty() ? "" : ", ") + words(element);
  return joined;
}

std::string member(const Json &object, const char *name) {
  auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? words(*found) : "";
}

/// `before` the member `after`; nothing at all where the member is empty.
std::string phrase(const Json &object, std::string_view before, const char *name,
                   std::string_view after = "") {
  std::string value = member(object, name);
  return value.empty() ? "" : std::string(before) + value + std::string(after);
}

std::string line(std::string_view text) { return text.empty() ? "" : fmt::format("    {}\n", text); }

std::string reason_line(const Json &event) {
  std::string word = member(event, "reason");
  return word.empty() || word == "none" ? "" : line(reason_sentence(word));
}

std::string what_became(const std::string &action) {
  if (action == "kept-text") return "kept as plain text / 文字だけにして残した";
  if (action == "rendered") return "drawn as pixels and built anew / ページを画像にして作り直した";
  if (action == "re-encoded") return "decoded and encoded anew / 画像を作り直した";
  if (action == "stripped") return "taken out / 除去した";
  if (action == "held") return "held for a person to look at / 保留した";
  return action;
}

std::string tell_part(const Json &part) {
  std::string text = fmt::format("      part {}{}: {}{}{}\n        {}{}\n", member(part, "path"),
                                 phrase(part, " \"", "name", "\""), member(part, "kind"),
                                 phrase(part, ", declared ", "declared_type"),
                                 phrase(part, ", ", "size", " octets"),
                                 what_became(member(part, "action")),
                                 phrase(part, " as \"", "output_name", "\""));
  if (part.contains("reasons") && part["reasons"].is_array())
    for (const Json &reason : part["reasons"])
      text += fmt::format("        - {}\n", reason_sentence(words(reason)));
  return text;
}

std::string recipients_of(const Json &event) {
  return line(phrase(event, "recipients: ", "recipients") + phrase(event, " and ", "recipients_left_out", " more"));
}

/// The null reverse-path of notices (RFC 5321 §4.5.5) is told too.
std::string sender_of(const Json &event) {
  const auto sender = event.find("sender");
  const bool none = sender != event.end() && *sender == "";
  return none ? line("sender: <>, as of a notice / 通知など差出人なし") : line(phrase(event, "sender: ", "sender"));
}

/// Of the next hop, or what kept it from being asked.
std::string words_said(const Json &object, std::string_view hop) {
  const bool is_said = smtp::is_reply(member(object, "answer"));
  return phrase(object, is_said ? fmt::format("the peer{} answered: ", hop) : hop.empty() ? "in detail: " : fmt::format("next hop{}: ", hop), "answer");
}

/// Where they were told different things, each his own.
std::string answer_of(const Json &event) {
  const auto answers = event.find("answers");
  if (answers != event.end() && answers->is_array() && !answers->empty())
    return tell_answers(*answers, member(event, "reason")) + line(phrase(event, "and ", "answers_left_out", " more answers, too many for the record"));
  return line(words_said(event, ""));
}

/// Who said it, where the title does not.
std::string hop_of(const Json &event) { return event.contains("answers") ? "" : line(phrase(event, "next hop: ", "next_hop")); }

/// RFC 3461, RFC 8689.
std::string wishes_of(const Json &event) {
  std::string text = line(event.contains("require_tls") ? "only by TLS, all the way (REQUIRETLS) / 全経路でTLS必須" : "") +
                     line(phrase(event, "envelope id: ", "envelope_id"));
  const auto notify = event.find("notify");
  if (notify != event.end() && notify->is_array())
    for (const Json &one : *notify)
      text += line("asked for " + member(one, "recipient") + ":" + phrase(one, " NOTIFY=", "notify") + phrase(one, " ORCPT=", "original"));
  return text;
}

/// What was found, behind the name of who did (RFC 8601 §2.2).
std::string domain_of(const Json &event) {
  const std::string results = member(event, "authentication");
  const std::size_t begin = results.find_first_not_of("; ", results.find(';')); // also where there is none
  return begin == results.npos ? std::string() : line("sender's domain: " + results.substr(begin));
}

std::string tell_received(const Json &event) {
  return "received" + phrase(event, " by relay ", "relay") + phrase(event, " from ", "client") +
         phrase(event, " (", "helo", ")") + phrase(event, " over ", "tls") + phrase(event, ", ", "size", " octets") +
         " / 受信\n" + sender_of(event) + recipients_of(event) + wishes_of(event) +
         domain_of(event) + line(phrase(event, "known before treatment: ", "known"));
}

std::string tell_resumed(const Json &event) {
  return "taken up again after a restart" + phrase(event, ", received ", "accepted") + " / 再起動後に処理を再開\n" +
         sender_of(event) + recipients_of(event) + wishes_of(event);
}

std::string tell_treated(const Json &event) {
  std::string outcome = member(event, "outcome");
  std::string title = outcome == "clean"  ? "made harmless / 無害化した"
                      : outcome == "held" ? "not made harmless: it is held / 保留した"
                                          : "not made harmless: " + outcome + " / 無害化せず";
  std::string text = title + "\n" + reason_line(event);
  if (event.contains("report") && event["report"].is_object()) text += tell_report(event["report"]);
  return text + line(phrase(event, "and ", "parts_left_out", " more parts, too many for the record"));
}

bool says(const Json &event, const char *name) { return event.contains(name) && event[name] == true; }

std::string tell_delivered(const Json &event) {
  return "delivered" + phrase(event, " to ", "next_hop") + phrase(event, " over ", "tls") + " / 配送済み\n" +
         recipients_of(event) +
         answer_of(event) +
         line(says(event, "original_kept") ? "the original is kept in the hold / 原本は保管中" : "");
}

std::string arrival_of(const Json &event) {
  return line(says(event, "may_have_arrived") ? "a next hop had all of it and its answer was not heard: it may have arrived "
                                                "/ 送信は完了し応答は未確認、届いている可能性あり" : "");
}

std::string tell_deferred(const Json &event) {
  return "not delivered yet" + phrase(event, " to ", "next_hop") +
         phrase(event, ", next attempt ", "retry_at") + " / 配送待ち\n" + reason_line(event) + arrival_of(event) +
         recipients_of(event) +
         answer_of(event);
}

std::string tell_held(const Json &event) {
  const auto recipients = event.find("recipients");
  const bool all_have_it = says(event, "others_have_it") && recipients != event.end() && recipients->empty();
  const std::string_view what = all_have_it                       ? "all have a harmless form already / 原本を保留、全宛先に配送済み"
                                : says(event, "others_have_it")   ? "these did not get it / 原本を保留、次の宛先には未配送"
                                : says(event, "may_have_arrived") ? "no delivery was confirmed / 原本を保留、配送は未確認"
                                                                  : "nothing was delivered / 原本を保留、未配送";
  return fmt::format("held: the original is kept, {}\n", what) + reason_line(event) + arrival_of(event) +
         recipients_of(event) + hop_of(event) +
         answer_of(event);
}

std::string tell_lost(const Json &event) {
  return "lost: its octets are harmed on disk / 消失: ディスク上で破損\n" + sender_of(event) + recipients_of(event);
}

std::string tell_refused(const Json &event) {
  return "refused" + phrase(event, ", sent by ", "client") + " / 受信拒否\n" + reason_line(event) +
         line(phrase(event, "sender: ", "sender")) + line(phrase(event, "recipient: ", "recipient")) + recipients_of(event) +
         line(phrase(event, "so often within seconds: ", "times") + phrase(event, ", of other senders ", "senders_left_out")) +
         line(phrase(event, "the sender was answered: ", "answer"));
}

std::string by_whom(const Json &event) {
  const Json who = event.value("who", Json::object());
  const std::string user = member(who, "user");
  return line(phrase(event, "because: ", event.contains("why") ? "why" : "because")) +
         line(user.empty() ? phrase(who, "by user number ", "uid") : "by " + user);
}

std::string tell_released(const Json &event) {
  return "released from the hold by a person / 担当者が解放\n" + line(phrase(event, "as: ", "as")) + by_whom(event);
}

std::string tell_on_its_way(const Json &event) {
  return "from the hold on its way once more / 保留領域から再配送\n" + recipients_of(event);
}

std::string tell_deleted(const Json &event) {
  return "deleted from the hold by a person / 担当者が削除\n" + by_whom(event);
}

/// Who had a look at what is held, and who may not hand it on.
std::string tell_looked(const Json &event) {
  const std::string word = member(event, "event");
  const char *title = word == "hold-shown"       ? "looked at in the hold / 保留内容を表示"
                      : word == "hold-previewed" ? "its harmless form was looked at / 無害化後の内容を確認"
                                                 : "asked for the original in vain / 原本の解放を拒否";
  return std::string(title) + "\n" + reason_line(event) + by_whom(event);
}

std::string tell_not_done(const Json &event) {
  return "an order was not carried out / 指示は実行されなかった\n" + line(phrase(event, "order: ", "order")) +
         line(phrase(event, "", "error"));
}

std::string tell_expired(const Json &) { return "deleted from the hold: its time was over / 保存期間満了により削除\n"; }

std::string tell_original_passed(const Json &event) {
  return "the original itself goes on, by a person's word / 担当者の判断で原本を通過\n" +
         line(phrase(event, "by ", "user"));
}

/// What every notice to a sender says.
std::string tell_notice(const Json &event, std::string_view title) {
  return std::string(title) + "\n" + reason_line(event) + recipients_of(event) + hop_of(event) +
         answer_of(event) +
         line(phrase(event, "the sender is told by the notice ", "notice"));
}

std::string tell_bounced(const Json &event) { return tell_notice(event, "returned to the sender / 差出人へ返送"); }

std::string tell_delay(const Json &event) {
  return tell_notice(event, "the sender is told of the delay / 遅延を差出人へ通知");
}

std::string tell_relayed(const Json &event) {
  return tell_notice(event, "the sender is told that it was handed on / 転送済みを差出人へ通知");
}

std::string tell_own(const Json &event) {
  return "a notice of the gateway" + phrase(event, " about the mail ", "about") + " / 関所からの通知\n" +
         recipients_of(event);
}

/// Somebody steered it: `sekisho queue`.
std::string tell_order(const Json &event) {
  const std::string word = member(event, "event");
  const char *title = word == "queue-held"       ? "stopped in the queue / 配送を保留"
                      : word == "queue-released" ? "sent on again / 配送の保留を解除"
                      : word == "queue-dropped"  ? "taken out of the queue / 配送を取り消し"
                                                 : "tried at once / ただちに再送";
  return std::string(title) + "\n" + by_whom(event);
}

/// An event this version has no words for: all it says.
std::string tell_other(const Json &event) {
  std::string text = member(event, "event") + "\n" + reason_line(event);
  for (auto &[name, value] : event.items()) {
    bool told = false;
    for (const char *known : {"seq", "time", "event", "role", "receipt", "reason", "prev", "hash"})
      told = told || name == known;
    if (!told) text += line(for_terminal(name) + ": " + words(value));
  }
  return text;
}

struct Teller {
  std::string_view event;
  std::string (*tell)(const Json &event);
};
constexpr Teller tellers[] = {
    {"mail-received", tell_received},   {"mail-treated", tell_treated}, {"mail-delivered", tell_delivered},
    {"mail-deferred", tell_deferred},   {"mail-held", tell_held},       {"mail-bounced", tell_bounced},
    {"mail-lost", tell_lost},           {"mail-refused", tell_refused},     {"mail-resumed", tell_resumed},  {"mail-delay-told", tell_delay},
    {"mail-relay-told", tell_relayed},  {"mail-notice", tell_own},       {"queue-held", tell_order},
    {"queue-released", tell_order},     {"queue-dropped", tell_order},   {"queue-flushed", tell_order},
    {"hold-released", tell_released},   {"hold-deleted", tell_deleted},  {"hold-expired", tell_expired},
    {"mail-released", tell_on_its_way}, {"mail-original-passed", tell_original_passed},
    {"order-failed", tell_not_done},    {"hold-shown", tell_looked},        {"hold-previewed", tell_looked},
    {"hold-refused", tell_looked},
};

std::string tell(const Json &event) {
  std::string word = member(event, "event");
  for (const Teller &teller : tellers)
    if (teller.event == word) return teller.tell(event);
  return tell_other(event);
}

} // namespace

std::string tell_report(const Json &report) {
  std::string text = line(phrase(report, "subject: ", "subject")) + line(phrase(report, "from: ", "from")) +
                     line(phrase(report, "to: ", "to")) + line(phrase(report, "message-id: ", "message_id"));
  if (report.contains("received") && report["received"].is_array() && !report["received"].empty()) {
    text += "    what the relays before wrote into it, newest first / 経由した中継の記録(新しい順):\n";
    for (const Json &hop : report["received"]) text += fmt::format("      {}\n", words(hop));
  }
  text += line(phrase(report, "SHA-256 of the original: ", "input_sha256"));
  text += line(phrase(report, "SHA-256 of what was made of it: ", "output_sha256"));
  text += line(phrase(report, "malware: ", "malware"));
  if (report.contains("reasons") && report["reasons"].is_array())
    for (const Json &reason : report["reasons"]) text += fmt::format("    - {}\n", reason_sentence(words(reason)));
  if (report.contains("parts") && report["parts"].is_array() && !report["parts"].empty()) {
    text += "    what was found in it and what became of it:\n";
    for (const Json &part : report["parts"]) text += tell_part(part);
  }
  return text;
}

std::string tell_answers(const Json &answers, const std::string &reason) {
  std::string text;
  for (const Json &one : answers) {
    const std::string word = member(one, "reason"), said = words_said(one, phrase(one, " ", "next_hop"));
    const std::string why = word.empty() || word == "none" || (word == reason && !said.empty()) ? std::string() : word;
    text += line(member(one, "recipient") + ": " + why + (why.empty() || said.empty() ? "" : ", ") + said);
  }
  return text;
}

std::string reason_sentence(std::string_view word) {
  std::optional<Reason> reason = reason_from_word(word);
  if (!reason) return std::string(word);
  return fmt::format("{}: {} / {}", word, info(*reason).english, info(*reason).japanese);
}

std::string tell_story(const std::string &receipt, const Json &events) {
  std::string text = fmt::format("Receipt {} / 受付番号 {}\n\n", receipt, receipt);
  for (const Json &event : events)
    if (event.is_object())
      text += fmt::format("{}  {}", member(event, "time"), tell(event));
  return text;
}

} // namespace sekisho::cli
