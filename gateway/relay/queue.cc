#include "gateway/relay/queue.hh"

#include "base/json_members.hh"
#include "base/text.hh"
#include "gateway/relay/events.hh"
#include "gateway/relay/notices.hh"
#include "gateway/spool/receipt.hh"
#include "rules/ruleset.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sekisho::relay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_why = 500; // octets
constexpr std::string_view null_sender = "<>";
constexpr std::size_t default_limit = 1000, told_recipients = 20;
constexpr std::size_t most_listed_octets = 4u << 20; // of an answer, about
constexpr std::string_view actions[] = {"list", "show", "flush", "hold", "release", "drop"};
constexpr const char *too_late = "too late: it was handed over before";
constexpr std::string_view event_words[] = {"", "", "queue-flushed", "queue-held", "queue-released", "queue-dropped"};

std::string_view word_of(const QueueEntry &entry) {
  if (entry.state == QueueEntry::State::delivered) return "delivered"; // whatever is ordered: it may still arrive
  if (entry.steered.order == Steered::Order::dropped) return "dropped";
  if (entry.steered.order == Steered::Order::held) return "held";
  switch (entry.state) {
  case QueueEntry::State::treated: return "treated";
  case QueueEntry::State::delivered: break;
  case QueueEntry::State::waiting: return "waiting";
  case QueueEntry::State::stopped: return "closed";
  case QueueEntry::State::lost: return "lost";
  }
  return "";
}

/// As rules::lists_address has them: an address, all of a domain by "*@domain" or by its name alone.
std::vector<std::string> patterns_of(const std::string &typed) {
  std::string pattern = lower_case(text::with_ascii_domain(typed));
  if (pattern.empty() || pattern.find('@') != std::string::npos || pattern == null_sender) return {pattern};
  return {pattern, "*@" + pattern};
}

} // namespace

struct Queue::Question {
  enum class Action : std::uint8_t { list, show, flush, hold, release, drop };
  Action action = Action::list;
  std::string receipt, relay, why;
  std::vector<std::string> recipient, sender; // patterns for one each, or none
  bool everything = false;
  std::size_t limit = default_limit;
  Json who;
};

std::shared_ptr<QueueEntry> Queue::enter(const spool::Envelope &envelope) {
  auto entry = std::make_shared<QueueEntry>(loop_);
  entry->envelope = &envelope;
  entry->steered = steering_.of(envelope.receipt);
  entries_.emplace(envelope.receipt, entry);
  return entry;
}

bool Queue::has(const std::string &receipt) const { return entries_.contains(receipt); }

void Queue::leave(const spool::Envelope &envelope) {
  const auto [first, last] = entries_.equal_range(envelope.receipt);
  const auto its = std::find_if(first, last, [&](const auto &one) { return one.second->envelope == &envelope; });
  if (its != last) entries_.erase(its);
  if (!entries_.contains(envelope.receipt)) steering_.forget(envelope.receipt);
}

Task<void> Queue::wait(std::shared_ptr<QueueEntry> entry, Seconds seconds) {
  entry->pause.expires_after(steady(seconds));
  co_await entry->pause.async_wait(as_result);
}

void Queue::told_delay(QueueEntry &entry) {
  entry.steered.told_delay = true;
  steering_.told_delay(entry.envelope->receipt);
}

/// Another role's words, and in them a person's.
Result<Queue::Question> Queue::read(std::string_view untrusted) {
  const Json json = Json::parse(untrusted, nullptr, false);
  if (!json.is_object()) return fail("question not understood");
  Question question;
  const auto action = std::ranges::find(actions, text_in(json, "action"));
  if (action == std::end(actions)) return fail("question not understood");
  question.action = static_cast<Question::Action>(action - std::begin(actions));
  if (const std::string typed = text_in(json, "receipt"); !typed.empty()) {
    const std::optional<std::string> receipt = spool::read_receipt(typed);
    if (!receipt) return fail("this is no receipt number: " + typed);
    question.receipt = *receipt;
  }
  question.relay = text_in(json, "relay");
  question.why = text_in(json, "why");
  if (const std::string pattern = text_in(json, "recipient"); !pattern.empty()) question.recipient = patterns_of(pattern);
  if (const std::string pattern = text_in(json, "sender"); !pattern.empty()) question.sender = patterns_of(pattern);
  question.everything = is_true_in(json, "everything");
  question.limit = number_in(json, "limit", default_limit);
  if (json.contains("who")) question.who = json["who"];
  const bool chooses = question.everything || !question.receipt.empty() || !question.relay.empty() ||
                       !question.recipient.empty() || !question.sender.empty();
  if (question.action != Question::Action::list && !chooses) return fail("which mails? name a receipt number, --relay, --recipient or --sender, or say --all");
  const bool must_say_why = question.action == Question::Action::hold || question.action == Question::Action::drop;
  if (must_say_why && question.why.empty()) return fail("say why, for the record:  --because \"…\"");
  if (question.why.size() > max_why) return fail("the reason is too long: at most 500 octets");
  return question;
}

/// The mail that is to be tried and that a person keeps; null: there is none.
const QueueEntry *Queue::kept_from(const Question &question) const {
  if (question.action != Question::Action::flush || question.receipt.empty()) return nullptr;
  const auto its = entries_.find(question.receipt);
  const bool is_kept = its != entries_.end() && its->second->steered.order == Steered::Order::held && !its->second->for_hold;
  return is_kept ? its->second.get() : nullptr;
}

/// A name or number that is mistyped chooses nothing, which must not look like an empty queue.
Result<void> Queue::may_choose(const Question &question) const {
  if (!question.receipt.empty() && !entries_.contains(question.receipt))
    return fail(fmt::format("no mail {0} is in the queue; `sekisho trace {0}` tells what became of it", question.receipt));
  if (const QueueEntry *kept = kept_from(question))
    return fail(fmt::format("{0} is held by {1} since {2} ({3}); `sekisho queue release {0}` lets it go on", question.receipt,
                            kept->steered.user.empty() ? fmt::format("user {}", kept->steered.uid) : kept->steered.user,
                            to_rfc3339(kept->steered.since), kept->steered.why));
  const auto is_of_it = [&](const auto &entry) { return entry.second->envelope->relay == question.relay; };
  if (question.relay.empty() || policy_.relay_named(question.relay) || std::ranges::any_of(entries_, is_of_it)) return {};
  return fail(policy_.no_such_relay(question.relay));
}

bool Queue::is_chosen(const QueueEntry &entry, const Question &question) const {
  const spool::Envelope &envelope = *entry.envelope;
  const auto is_of = [](const std::vector<std::string> &patterns, std::string_view address) {
    return rules::lists_address(patterns, text::with_ascii_domain(address));
  };
  const auto goes_to = [&](const std::string &recipient) { return is_of(question.recipient, recipient); };
  return (question.receipt.empty() || envelope.receipt == question.receipt) &&
         (question.relay.empty() || envelope.relay == question.relay) &&
         (question.recipient.empty() || std::ranges::any_of(envelope.recipients, goes_to)) &&
         (question.sender.empty() || is_of(question.sender, envelope.from.empty() ? null_sender : envelope.from));
}

Queue::Json Queue::told(const QueueEntry &entry) const {
  const spool::Envelope &envelope = *entry.envelope;
  Json json;
  json["receipt"] = envelope.receipt;
  json["relay"] = envelope.relay;
  json["sender"] = envelope.from;
  json["recipients"] = std::vector<std::string>(
      envelope.recipients.begin(),
      envelope.recipients.begin() + static_cast<std::ptrdiff_t>(std::min(envelope.recipients.size(), told_recipients)));
  if (envelope.recipients.size() > told_recipients)
    json["more_recipients"] = envelope.recipients.size() - told_recipients;
  json["accepted"] = to_rfc3339(envelope.accepted);
  json["state"] = word_of(entry);
  json["attempts"] = entry.attempts;
  if (entry.state == QueueEntry::State::waiting && entry.steered.order == Steered::Order::none)
    json["retry_at"] = to_rfc3339(entry.retry_at);
  const bool stands = entry.state == QueueEntry::State::stopped; // what became of the last attempt is not why
  const Reason reason = stands ? entry.still : entry.reason;
  if (reason != Reason::none) json["reason"] = sekisho::word_of(reason);
  if (const std::string &answer = stands ? entry.why_still : entry.answer; !answer.empty()) json["answer"] = answer;
  if (!stands && !entry.next_hop.empty()) json["next_hop"] = entry.next_hop;
  if (!stands && !entry.answers.empty()) json["answers"] = Json::parse(entry.answers);
  if (entry.steered.order != Steered::Order::none) {
    json["by"] = entry.steered.uid;
    if (!entry.steered.user.empty()) json["by_user"] = entry.steered.user;
    json["why"] = entry.steered.why;
    json["since"] = to_rfc3339(entry.steered.since);
  }
  if (entry.steered.told_delay) json["told_delay"] = true;
  if (is_notice(envelope)) json["notice"] = true;
  return json;
}

std::string Queue::list(const Question &question) const {
  std::vector<const QueueEntry *> chosen;
  for (const auto &[receipt, entry] : entries_)
    if (is_chosen(*entry, question)) chosen.push_back(entry.get());
  std::ranges::stable_sort(chosen, {}, [](const QueueEntry *entry) { return entry->envelope->accepted; });
  Json json;
  json["total"] = chosen.size();
  json["mails"] = Json::array();
  std::size_t octets = 0;
  for (std::size_t i = 0; i < chosen.size() && i < question.limit && octets < most_listed_octets; ++i) {
    Json mail = told(*chosen[i]);
    octets += mail.dump(-1, ' ', false, Json::error_handler_t::replace).size();
    json["mails"].push_back(std::move(mail));
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Whether the order changes anything about this mail.
bool Queue::concerns(const QueueEntry &entry, const Question &question) const {
  const Steered::Order now = entry.steered.order;
  if (entry.for_hold) return question.action == Question::Action::drop || question.action == Question::Action::flush;
  if (entry.state == QueueEntry::State::lost && question.action != Question::Action::drop) return false;
  switch (question.action) {
  case Question::Action::hold: return now == Steered::Order::none;
  case Question::Action::release: return now == Steered::Order::held;
  case Question::Action::drop: return now != Steered::Order::dropped;
  case Question::Action::flush: return now == Steered::Order::none && entry.state == QueueEntry::State::waiting;
  default: return false;
  }
}

Queue::Json Queue::event_of(const std::string &receipt, const Question &question) {
  Json event;
  event["event"] = event_words[static_cast<std::size_t>(question.action)];
  event["receipt"] = receipt;
  if (question.action == Question::Action::hold) event["reason"] = sekisho::word_of(Reason::queue_held);
  if (question.action == Question::Action::drop) event["reason"] = sekisho::word_of(Reason::queue_dropped);
  if (!question.why.empty()) event["why"] = question.why;
  event["who"] = question.who;
  return event;
}

/// Recorded first, then on disk, then done: nobody steers a mail unseen (L1).
Task<Result<std::string>> Queue::change(Question question) {
  std::map<std::string, Steered> ordered;
  for (const auto &[receipt, entry] : entries_) {
    if (!is_chosen(*entry, question) || !concerns(*entry, question)) continue;
    Steered steered = entry->steered;
    steered.order = question.action == Question::Action::hold   ? Steered::Order::held
                    : question.action == Question::Action::drop ? Steered::Order::dropped
                                                                : Steered::Order::none;
    steered.uid = integer_in(question.who, "uid", -1);
    steered.user = text_in(question.who, "user");
    steered.why = question.why;
    steered.since = unix_now();
    ordered[receipt] = std::move(steered);
  }
  if (recorder_.choked() || recorder_.failing()) co_return fail("record-unavailable: nothing was changed");
  bool recorded = true;
  const auto until = recorder_.end_of_order();
  for (auto one = ordered.begin(); one != ordered.end(); ++one) { // the record writes in order: the last stands for all
    std::string text = event_of(one->first, question).dump(-1, ' ', false, Json::error_handler_t::replace);
    if (std::next(one) != ordered.end()) recorder_.tell(std::move(text));
    else recorded = co_await recorder_.tell_within(std::move(text), until);
  }
  if (!recorded) {
    const std::string word(event_words[static_cast<std::size_t>(question.action)]);
    for (const auto &[receipt, steered] : ordered)
      recorder_.tell(events::not_done(receipt, word, "record-unavailable"));
    co_return fail("record-unavailable: nothing was changed");
  }
  if (question.action != Question::Action::flush) {
    Result<void> kept = steering_.set(ordered);
    if (!kept) co_return fail(kept.error());
  }
  Json answer{{"changed", 0}, {"mails", Json::array()}};
  for (const auto &[receipt, steered] : ordered) obey(receipt, steered, question, answer);
  answer["changed"] = answer["mails"].size();
  co_return answer.dump();
}

void Queue::obey(const std::string &receipt, const Steered &steered, const Question &question, Json &answer) {
  const auto [first, last] = entries_.equal_range(receipt);
  const bool stops = question.action == Question::Action::hold || question.action == Question::Action::drop;
  if (first == last) { // its way ended while the order was recorded
    steering_.forget(receipt);
    if (!stops) return;
    recorder_.tell(events::not_done(receipt, std::string(event_words[static_cast<std::size_t>(question.action)]), too_late));
    answer["too_late"].push_back(receipt);
    return;
  }
  answer["mails"].push_back(receipt);
  bool is_handed_over = false;
  for (auto one = first; one != last; ++one) {
    QueueEntry &entry = *one->second;
    if (question.action != Question::Action::flush) entry.steered = steered;
    if (question.action == Question::Action::drop) entry.given_up = entry.for_hold;
    is_handed_over = is_handed_over || entry.state == QueueEntry::State::delivered;
    entry.pause.cancel();
  }
  if (stops && is_handed_over) answer["handed_over"].push_back(receipt);
}

/// An order that came while the mail was handed over stopped nothing.
void Queue::came_too_late(const QueueEntry &entry) {
  if (entry.steered.order == Steered::Order::none) return;
  const auto action = entry.steered.order == Steered::Order::held ? Question::Action::hold : Question::Action::drop;
  recorder_.tell(events::not_done(entry.envelope->receipt, std::string(event_words[static_cast<std::size_t>(action)]), too_late));
}

Task<Result<std::string>> Queue::answer(std::string untrusted_question) {
  Result<Question> question = read(untrusted_question);
  if (!question) co_return fail(question.error());
  if (Result<void> known = may_choose(*question); !known) co_return fail(known.error());
  if (question->action == Question::Action::list || question->action == Question::Action::show) {
    std::string text = list(*question);
    co_return text;
  }
  Question ordered = std::move(*question);
  Result<std::string> changed = co_await change(std::move(ordered));
  co_return changed;
}

} // namespace sekisho::relay
