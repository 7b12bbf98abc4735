// What the sender of a mail is told on its way.  A notice is durable before the mail is called done: a crash between
// the two tells him twice, never not at all.
#include "gateway/relay/journey.hh"

#include "base/log.hh"

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr auto tell_again_after = 60s; // where there was no room

} // namespace

/// The mail is written of the facts in the spool.  False: there are none; what is there is in the hold.
Task<bool> Journeys::compose(Traveller &mail) {
  Result<Buffer> octets = co_await read_back(mail);
  if (mail.is_lost) co_return false;
  Result<Notice> notice = octets ? decode_notice(*octets) : Result<Notice>(fail(octets.error()));
  if (!notice) {
    log_error(mail.envelope.receipt + ": " + notice.error().what);
    co_await hold(mail, Reason::spool_failed, true);
    co_return false;
  }
  mail.outcome = {};
  mail.outcome.output = write_notice(*notice, settings_.host_name, mail.envelope.receipt);
  mail.outcome.report.subject = notice->subject;
  mail.outcome.status = job::Status::clean;
  mail.outcome.reason = Reason::none;
  co_return true;
}

/// False: he is not told: no rule says so, or there was no room for it.
Task<bool> Journeys::tell_sender(const Traveller &mail, Notice notice) {
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  const rules::Relay *back = relay ? way_back(policy_, mail.envelope, *relay) : nullptr;
  if (!back || notice.about.empty()) co_return false;
  Result<std::string> receipt = receipts_.make();
  if (!receipt) co_return false;
  Traveller traveller;
  traveller.envelope = envelope_of(notice, *back, *receipt, settings_.host_name);
  traveller.original = std::make_shared<const Buffer>(encode(notice));
  const Keeper::Answer answer = keeper_.put(traveller.envelope, traveller.original);
  const Keeper::Kept kept = co_await answer->wait();
  if (kept.reason != Reason::none) {
    log_error(mail.envelope.receipt + ": its sender cannot be told: " + std::string(word_of(kept.reason)));
    co_return false;
  }
  std::string event = events::told(notice, traveller.envelope.receipt);
  co_await recorder_.tell_until_kept(std::move(event));
  traveller.introduction = events::notice_kept(traveller.envelope, notice.receipt);
  traveller.id = kept.id;
  traveller.original.reset();
  Task<void> way = travel(std::move(traveller));
  start(loop_, std::move(way));
  co_return true;
}

/// Of whom the sender was told is done with; the others stay in mail.failed and keep the mail from being forgotten.
Task<void> Journeys::tell_failed(Traveller &mail) {
  if (mail.failed.empty()) co_return;
  Notice notice = notice_of(Notice::Kind::failed, mail.envelope, mail.outcome.report);
  std::vector<Failed> untold, wanting;
  for (const Failed &failed : mail.failed) {
    (wants(failed.notify, Notice::Kind::failed) ? wanting : untold).push_back(failed);
  }
  for (const Failed &failed : wanting) notice.about.push_back(failed.about);
  const bool told = co_await tell_sender(mail, std::move(notice));
  if (!told) co_return;
  mail.failed = std::move(untold);
  mail.bounced.insert(mail.bounced.end(), wanting.begin(), wanting.end());
}

/// Who wants to hear of success hears it of the next hop; here only where that one does not know how (RFC 3461 §5.2.6).
Task<void> Journeys::tell_relayed(const Traveller &mail, const Attempt &attempt,
                                  const std::vector<std::size_t> &reached) {
  if (attempt.delivery.knows_dsn) co_return;
  Notice notice = notice_of(Notice::Kind::relayed, mail.envelope, mail.outcome.report);
  for (const std::size_t i : reached) {
    const spool::Notify notify = notify_of(mail.envelope, i);
    if (wants(notify, Notice::Kind::relayed))
      notice.about.push_back(about_of(mail, i, Reason::none, attempt.delivery.answers[i].text, attempt.next_hop));
  }
  const bool told = co_await tell_sender(mail, std::move(notice));
  (void)told;
}

/// Once a mail.  `about`: by recipient, why it is not there yet.
Task<void> Journeys::tell_delayed(Traveller &mail, std::vector<Notice::About> about) {
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay) co_return;
  Notice notice = notice_of(Notice::Kind::delayed, mail.envelope, mail.outcome.report);
  if (about.front().reason != Reason::queue_held) notice.until = unix_now() + left_to_try(mail, relay->patience); // else a person says when
  for (std::size_t i = 0; i < about.size(); ++i)
    if (wants(notify_of(mail.envelope, i), Notice::Kind::delayed)) notice.about.push_back(std::move(about[i]));
  const bool told = co_await tell_sender(mail, std::move(notice));
  if (told) queue_.told_delay(*mail.entry);
  else mail.tell_again = SteadyClock::now() + tell_again_after;
}

/// Nothing: he is not told, or was already.
std::optional<Seconds> Journeys::until_delay_is_told(const Traveller &mail) const {
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay || relay->patience.delay_notice == 0 || mail.entry->steered.told_delay) return std::nullopt;
  if (!way_back(policy_, mail.envelope, *relay)) return std::nullopt;
  bool anybody_wants = false;
  for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i)
    anybody_wants = anybody_wants || wants(notify_of(mail.envelope, i), Notice::Kind::delayed);
  if (!anybody_wants) return std::nullopt;
  const UnixSeconds left = static_cast<UnixSeconds>(relay->patience.delay_notice) - clock_.age(mail.envelope.accepted);
  const Seconds due(static_cast<double>(std::max<UnixSeconds>(0, left)));
  return std::max(due, Seconds(mail.tell_again - SteadyClock::now()));
}

} // namespace sekisho::relay
