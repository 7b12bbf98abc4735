#include "gateway/relay/journey.hh"

#include "base/check.hh"
#include "base/log.hh"
#include "base/text.hh"
#include "gateway/guard/authentication.hh"
#include "gateway/smtp/outward.hh"
#include "gateway/spool/recipients.hh"
#include "sanitizer/job/missing.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

constexpr UnixSeconds hold_again = 60; // where it has no room
constexpr std::size_t most_in_queue = 8192; // octets of what next hops answered for one mail

/// RFC 5321 §4.1.3.
std::string literal(const std::string &address) {
  return (address.find(':') == std::string::npos ? "[" : "[IPv6:") + address + ']';
}

/// RFC 3848, RFC 6531 §4.3; the version and cipher of TLS as a comment.
std::string protocol(const spool::Envelope &envelope) {
  if (envelope.by_helo && !envelope.utf8) return envelope.tls.empty() ? "SMTP" : fmt::format("SMTP ({})", envelope.tls);
  const std::string_view word = envelope.utf8 ? "UTF8SMTP" : "ESMTP";
  return envelope.tls.empty() ? std::string(word) : fmt::format("{}S ({})", word, envelope.tls);
}

/// With A-labels where they make it ASCII: then any next hop takes it, without SMTPUTF8 too (RFC 6531 §3.2).
std::string plainest(const std::string &address) {
  std::string ascii = text::with_ascii_domain(address);
  return is_ascii(ascii) ? ascii : address;
}

/// A line for each method (RFC 8601 §2.2).  What stands in quotes is the sender's, and makes no line of its own.
std::string folded(std::string_view results) {
  std::string text;
  bool is_quoted = false;
  for (std::size_t at = 0; at < results.size(); ++at) {
    const char c = results[at];
    text += c;
    if (is_quoted && c == '\\' && at + 1 < results.size()) text += results[++at];
    else if (c == '"') is_quoted = !is_quoted;
    else if (c == ';' && !is_quoted && results.substr(at + 1).starts_with(' ')) {
      text += "\r\n\t";
      ++at;
    }
  }
  return text;
}

/// What one was told; where nobody told him anything, why not.
const std::string &words_for(const Delivery &delivery, std::size_t place) {
  const std::string &own = delivery.answers[place].text;
  return own.empty() ? delivery.trouble : own;
}

/// The sanitizer's own trouble, which may pass; not a judgement on the mail.
bool may_pass(Reason reason) {
  return reason == Reason::job_worker_died || reason == Reason::job_bad_reply ||
         reason == Reason::job_timeout || reason == Reason::job_scanner_unavailable;
}

} // namespace

Journeys::Journeys(net::io_context &loop, const RelaySettings &settings, Policy &policy,
                   Counters &counters, Recorder &recorder, Keeper &keeper, Treater &treater, Gatekeeper &gatekeeper,
                   Queue &queue, ClockWatch &clock, Receipts &receipts)
    : loop_(loop), settings_(settings), policy_(policy), counters_(counters), recorder_(recorder),
      keeper_(keeper), treater_(treater), gatekeeper_(gatekeeper), queue_(queue), clock_(clock), receipts_(receipts),
      throttle_(loop, settings.unhurried_mails), digester_(loop), timer_(loop) {
  start(loop_, watch());
}

// -- in -------------------------------------------------------------------------------------------------------

/// Behind a 250 stands the disk.  The record is told beside, and the mail goes no further until it knows.
Task<Taken> Journeys::take(smtp::Mail mail, std::string client_ip, std::string relay) {
  // another relay's are no reason: its next hop may be down
  if (loads_[relay].under_way >= settings_.waiting_mails) co_return Taken{Reason::spool_full, {}};
  if (recorder_.choked() || recorder_.failing()) co_return Taken{Reason::record_unavailable, {}};
  Result<std::string> receipt = receipts_.make();
  if (!receipt) co_return Taken{Reason::spool_failed, {}};

  Traveller traveller;
  spool::Envelope &envelope = traveller.envelope;
  envelope.receipt = std::move(*receipt);
  envelope.from = std::move(mail.from);
  envelope.recipients = std::move(mail.recipients);
  envelope.relay = std::move(relay);
  envelope.client_ip = std::move(client_ip);
  envelope.helo = std::move(mail.helo);
  envelope.accepted = unix_now();
  envelope.hops = mail.hops;
  envelope.utf8 = mail.utf8;
  envelope.by_helo = mail.by_helo;
  envelope.notify = std::move(mail.notify);
  envelope.envelope_id = std::move(mail.envelope_id);
  envelope.returned = mail.returned;
  envelope.require_tls = mail.require_tls;
  envelope.tls = std::move(mail.tls);
  traveller.original = std::make_shared<const Buffer>(std::move(mail.bytes));
  const Gatekeeper::Judged judged = co_await gatekeeper_.judge(envelope, traveller.original);
  if (judged.reason != Reason::none) co_return Taken{judged.reason, {}};

  const Keeper::Answer answer = keeper_.put(envelope, traveller.original);
  const Digester::Answer digest = digester_.begin(traveller.original); // while the disk is at it
  const Keeper::Kept kept = co_await answer->wait();
  if (kept.reason != Reason::none) {
    gatekeeper_.not_kept(envelope, judged);
    co_return Taken{kept.reason, {}};
  }
  traveller.sha256 = co_await digest->wait();
  traveller.introduction = events::received(envelope, traveller.original->size(), traveller.sha256);
  ++counters_.accepted;
  gatekeeper_.kept(envelope, judged);
  traveller.id = kept.id;
  Taken taken{Reason::none, envelope.receipt};
  const std::string name = envelope.relay;
  Task<void> way = travel(std::move(traveller));
  start(loop_, std::move(way));
  co_await throttle_.wait(); // so that the queue stays short
  co_await keep_from_piling(name);
  co_return taken;
}

Task<Reason> Journeys::release(spool::Envelope envelope, SharedBuffer original, Release release) {
  if (Result<void> anew = queue_.begin_anew(envelope.receipt); !anew) {
    log_error(envelope.receipt + ": " + anew.error().what);
    co_return Reason::spool_failed;
  }
  Traveller traveller;
  traveller.envelope = envelope;
  traveller.envelope.accepted = unix_now(); // its time to be delivered in begins anew
  traveller.original = original;
  traveller.release = release;
  released_.insert(envelope.receipt);
  const Keeper::Answer answer = keeper_.put(traveller.envelope, original, to_words(release));
  const Keeper::Kept kept = co_await answer->wait();
  if (kept.reason != Reason::none) {
    released_.erase(envelope.receipt);
    co_return kept.reason;
  }
  traveller.id = kept.id;
  traveller.introduction = events::released(traveller.envelope, to_words(release));
  Task<void> way = travel(std::move(traveller));
  start(loop_, std::move(way));
  co_return Reason::none;
}

void Journeys::resume(const std::map<spool::MailId, spool::Envelope> &waiting,
                      const std::map<spool::MailId, std::string> &orders,
                      const std::map<spool::MailId, std::vector<std::string>> &reached) {
  for (const auto &[id, envelope] : waiting) {
    Traveller traveller;
    traveller.id = id;
    traveller.envelope = envelope;
    if (auto order = orders.find(id); order != orders.end())
      if (auto release = read_release(order->second)) {
        traveller.release = *release;
        released_.insert(envelope.receipt);
      }
    if (auto have_it = reached.find(id); have_it != reached.end()) traveller.reached = have_it->second;
    start(loop_, travel(std::move(traveller)));
  }
}

// -- the way --------------------------------------------------------------------------------------------------

Task<void> Journeys::travel(Traveller mail) {
  ++loads_[mail.envelope.relay].under_way;
  throttle_.begin();
  mail.entry = queue_.enter(mail.envelope);
  if (mail.original && memory_ + mail.original->size() > settings_.memory) mail.original.reset();
  charge(mail);
  std::string introduction = std::exchange(mail.introduction, {});
  if (introduction.empty()) introduction = events::resumed(mail.envelope);
  co_await recorder_.tell_until_kept(std::move(introduction));
  bool over = false, is_stopped = false;
  while (!over) {
    is_stopped = mail.entry->steered.order == Steered::Order::dropped;
    if (is_stopped) {
      co_await stop(mail);
      break;
    }
    if (mail.is_lost) {
      co_await lie_lost(mail);
      continue;
    }
    const Still still = standstill(mail);
    if (still.what == Still::What::over) { // the rules let it go no further
      co_await hold(mail, still.reason, !mail.envelope.recipients.empty());
      over = !mail.is_lost;
      continue;
    }
    const Standing standing = standing_of(mail, still);
    if (standing == Standing::patient) {
      co_await stand(mail, still);
      continue;
    }
    const std::uint64_t treatment = policy_.treatment_number(mail.envelope.relay);
    if (mail.outcome.status == job::Status::clean && mail.treated_under != treatment) {
      forget_form(mail); // by rules that hold no more
      mail.told = false;
    }
    const bool has_plan = policy_.relay_named(mail.envelope.relay) != nullptr; // else it is overdue
    if (mail.outcome.status != job::Status::clean && has_plan) {
      mail.treated_under = treatment;
      const bool goes_on = co_await treat(mail);
      charge(mail);
      if (!goes_on && !mail.is_lost) break;
      continue; // time has passed: is the way still open?
    }
    if (standing == Standing::overdue) {
      co_await give_up(mail, still);
      over = !mail.is_lost;
      continue;
    }
    if (standing == Standing::delayed) {
      std::vector<Notice::About> why;
      for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i) why.push_back(about_of(mail, i, still.reason, still.words, ""));
      co_await tell_delayed(mail, std::move(why));
      forget_form(mail); // made again then
      continue;
    }
    if (mail.envelope.recipients.empty()) { // all were served by an earlier process, which found no room in the hold
      co_await finish(mail);
      over = !mail.is_lost;
      continue;
    }
    const Next next = co_await deliver(mail);
    over = next == Next::over && !mail.is_lost;
    if (mail.entry->state == QueueEntry::State::delivered) mail.entry->state = QueueEntry::State::treated;
  }
  if (!is_stopped && !mail.reached.empty()) queue_.came_too_late(*mail.entry);
  let_go(mail);
  drop_form(mail);
  queue_.leave(mail.envelope);
  released_.erase(mail.envelope.receipt);
  throttle_.end();
  set_without_room(mail, false);
  --loads_[mail.envelope.relay].under_way;
}

/// Nothing is done about it meanwhile, so no peer needs to wait for it.
Task<void> Journeys::rest(const Traveller &mail, Seconds seconds) {
  throttle_.end();
  ++loads_[mail.envelope.relay].resting;
  co_await queue_.wait(mail.entry, seconds);
  --loads_[mail.envelope.relay].resting;
  throttle_.begin();
}

/// Where a next hop takes less than what comes, the mails rather wait with the peers of that relay, who have a queue too.
Task<void> Journeys::keep_from_piling(const std::string &relay) {
  const std::size_t resting = loads_[relay].resting;
  if (resting <= settings_.resting_mails) co_return;
  const auto over = static_cast<double>(resting - settings_.resting_mails);
  co_await pause(Seconds(std::min(1.0, over * 0.001)));
}

/// Why it goes no further for now, whatever its next hop would say.
Journeys::Still Journeys::standstill(const Traveller &mail) const {
  if (mail.entry->steered.order == Steered::Order::held) return {Still::What::held, Reason::queue_held, {}};
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay) return {Still::What::shut, Reason::none, "the rules have its relay no more"};
  if (has_expired(*relay)) return {Still::What::over, Reason::mail_rule_expired, {}};
  return why_shut(*relay, mail.envelope);
}

bool Journeys::has_expired(const rules::Relay &relay) { return relay.ledger.until && *relay.ledger.until < unix_now(); }

/// A notice is the gateway's own: it comes from no zone.
Journeys::Still Journeys::why_shut(const rules::Relay &relay, const spool::Envelope &envelope) const {
  const bool is_severed = policy_.is_severed(policy_.zone_name(relay.to)) ||
                          (!is_notice(envelope) && policy_.is_severed(policy_.zone_name(relay.from)));
  if (is_severed) return {Still::What::shut, Reason::mail_zone_severed, {}};
  if (policy_.is_stopped(relay.name)) return {Still::What::shut, Reason::breaker_tripped, {}};
  if (gatekeeper_.has_key(relay)) return {};
  return {Still::What::shut, Reason::none, "no usable key for the relay's DKIM signature"}; // nothing leaves unsigned
}

/// Its time and its sender's patience go on while it stands still (RFC 5321 §4.5.4.1), but what a person keeps is not given up.
Journeys::Standing Journeys::standing_of(const Traveller &mail, const Still &still) const {
  if (still.what == Still::What::open) return Standing::free;
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  const bool may_come_back = !relay && SteadyClock::now() - policy_.missing_since(mail.envelope.relay) < steady(settings_.relay_missing);
  const bool is_late = left_to_try(mail, relay ? relay->patience : rules::PatienceRule()) <= 0;
  if (still.what == Still::What::shut && is_late && !may_come_back) return Standing::overdue;
  const std::optional<Seconds> notice = until_delay_is_told(mail);
  return notice && notice->count() <= 0 ? Standing::delayed : Standing::patient;
}

Task<void> Journeys::stand(Traveller &mail, Still still) {
  Seconds wait(0.5);
  if (still.what == Still::What::held) {
    forget_form(mail); // made again then
    wait = std::min(Seconds(3600), until_delay_is_told(mail).value_or(Seconds(3600)));
  } else {
    mail.entry->state = QueueEntry::State::stopped;
    mail.entry->still = still.reason;
    mail.entry->why_still = std::move(still.words);
  }
  co_await rest(mail, wait);
}

/// Its time is over while it stands still: there is no last attempt.  Of one whose relay the rules have no more nobody knows what is missing
/// where all are served.
Task<void> Journeys::give_up(Traveller &mail, Still still) {
  const std::string why = still.words.empty() ? std::string(info(still.reason).english) : still.words;
  for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i) fail_recipient(mail, i, Reason::delivery_expired, why, "");
  co_await tell_failed(mail);
  const bool is_treated = mail.outcome.status == job::Status::clean;
  if (is_treated || !mail.failed.empty()) co_await end_way(mail);
  else co_await hold(mail, Reason::delivery_expired, false);
}

/// False: it does not go on; it is in the hold.
Task<bool> Journeys::treat(Traveller &mail) {
  mail.entry->state = QueueEntry::State::treated;
  if (!mail.release.original_by.empty()) co_return co_await pass_original(mail);
  if (is_notice(mail.envelope)) {
    const bool composed = co_await compose(mail);
    co_return composed;
  }
  for (std::size_t attempt = 0;; ++attempt) {
    const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
    if (!relay) co_return true; // taken out of the rules since: asked again when they have it
    const job::Plan plan = widened(relay->plan, mail.release);
    std::optional<rules::ScanRule> scan = relay->scan;
    std::optional<job::Outcome> outcome = co_await treat_once(mail, plan, scan);
    if (!outcome) co_return true; // asked again
    mail.outcome = std::move(*outcome);
    mail.report.clear();
    charge(mail);
    if (mail.outcome.status == job::Status::clean) break;
    // A mail that takes all its time again keeps a thread from the others: once more is enough.
    const std::size_t again = mail.outcome.reason == Reason::job_timeout ? 1 : 3;
    if (!may_pass(mail.outcome.reason) ||
        attempt >= std::min(again, settings_.treat_again.size()))
      break;
    co_await pause(settings_.treat_again[attempt]);
  }
  if (mail.is_lost) co_return false;
  const bool is_clean = mail.outcome.status == job::Status::clean;
  const bool is_crowded = memory_ > settings_.memory;
  if (is_clean && (is_crowded || job::what_is_missing(mail.outcome.report) == Reason::none)) let_go(mail); // else the hold wants it soon
  if (!mail.told) recorder_.tell(events::treated(mail.envelope.receipt, mail.outcome));
  mail.told = true;
  if (is_clean) {
    ++counters_.clean;
    co_return true;
  }
  co_await hold(mail, mail.outcome.reason, !mail.envelope.recipients.empty());
  co_return false;
}

/// The one way on which an original leaves: a person asked for it whom a rule lists (X5), also now.
Task<bool> Journeys::pass_original(Traveller &mail) {
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay) co_return true; // taken out of the rules since: asked again when they have it
  if (!relay->hold.may_release_original(mail.release.original_by)) {
    co_await hold(mail, Reason::original_not_allowed, true);
    co_return false;
  }
  let_go(mail);
  if (!co_await take_turn(mail)) co_return true; // asked again
  Result<Buffer> octets = co_await read_back(mail);
  end_turn();
  if (!octets) {
    if (!mail.is_lost) co_await hold(mail, Reason::spool_failed, true);
    co_return false;
  }
  mail.outcome = {};
  mail.outcome.status = job::Status::clean; // by that person's word
  mail.outcome.reason = Reason::none;
  mail.outcome.output = guard::without_results_of(settings_.host_name, std::move(*octets));
  if (!mail.told) recorder_.tell(events::original_passed(mail.envelope.receipt, mail.release.original_by));
  mail.told = true;
  co_return true;
}

/// Its original is read back from the spool where it is wanted again.
void Journeys::let_go(Traveller &mail) {
  mail.original.reset();
  charge(mail);
}

/// It is made again where it is wanted.  What was found stays where there is room: the hold wants it of one that is taken out of the queue.
void Journeys::forget_form(Traveller &mail) {
  std::string report = std::move(mail.report);
  if (mail.outcome.status == job::Status::clean) {
    mail.subject = mail.outcome.report.subject;
    report = events::report_within(mail.outcome, events::most_octets);
  }
  drop_form(mail);
  if (memory_ > settings_.memory / 2) return;
  mail.report = std::move(report);
  charge(mail);
}

void Journeys::drop_form(Traveller &mail) {
  mail.outcome = {};
  mail.report.clear();
  charge(mail);
}

/// What stands in memory of it counts, whatever it waits for.
void Journeys::charge(Traveller &mail) {
  const std::size_t now = (mail.original ? mail.original->size() : 0) + mail.outcome.output.size();
  memory_ = memory_ - mail.charged + now + mail.report.size();
  mail.charged = now + mail.report.size();
  if (now == 0 && std::exchange(mail.has_place, false)) --loads_[mail.envelope.relay].places;
}

/// None: the memory has no room for it now.
Task<std::optional<job::Outcome>> Journeys::treat_once(Traveller &mail, job::Plan plan, std::optional<rules::ScanRule> scan) {
  job::Outcome outcome;
  if (mail.original) {
    outcome = co_await treater_.treat(mail.envelope, mail.sha256, plan, scan, mail.original);
    co_return outcome;
  }
  if (!co_await take_turn(mail)) co_return std::nullopt;
  Result<Buffer> octets = co_await read_back(mail);
  if (octets) {
    auto original = std::make_shared<const Buffer>(std::move(*octets));
    const std::size_t size = original->size();
    memory_ += size;
    outcome = co_await treater_.treat(mail.envelope, mail.sha256, plan, scan, std::move(original));
    memory_ -= size;
  } else {
    outcome.reason = Reason::spool_failed;
  }
  end_turn();
  co_return outcome;
}

/// The original from the spool; told where that cannot be.
Task<Result<Buffer>> Journeys::read_back(Traveller &mail) {
  Keeper::Read octets = co_await keeper_.read(mail.id);
  if (octets) co_return std::move(*octets);
  mail.is_lost = octets.error() == spool::DiskError::harmed;
  if (!mail.is_lost) log_error(mail.envelope.receipt + ": cannot be read from the spool");
  co_return fail("cannot be read from the spool");
}

/// Only a few originals are read back at a time: after a restart the whole spool waits here at once.  False, after a while: the memory is
/// full; then each relay has a few mails in it, however many of another wait there for a next hop that hangs.
Task<bool> Journeys::take_turn(Traveller &mail) {
  if (turns_ < 2 * settings_.treat_threads) {
    ++turns_;
  } else {
    auto turn = std::make_shared<Waiter<bool>>(loop_);
    waiting_turns_.push_back(turn);
    co_await turn->wait();
  }
  std::size_t &places = loads_[mail.envelope.relay].places;
  if (memory_ < settings_.memory || mail.has_place) co_return true;
  if (places < settings_.deliveries_a_relay) {
    ++places;
    mail.has_place = true;
    co_return true;
  }
  end_turn();
  co_await rest(mail, Seconds(1));
  co_return false;
}

void Journeys::end_turn() {
  if (waiting_turns_.empty()) {
    --turns_;
    return;
  }
  auto next = std::move(waiting_turns_.front());
  waiting_turns_.pop_front();
  next->finish(true);
}

// -- out ------------------------------------------------------------------------------------------------------

Task<Journeys::Next> Journeys::deliver(Traveller &mail) {
  CHECK(mail.outcome.status == job::Status::clean); // nothing else ever goes out
  if (!may_go(*mail.entry)) co_return Next::again;
  if (mail.judged_under != policy_.rules_number()) {
    const Next next = co_await judge_destinations(mail);
    co_return next;
  }
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  Result<std::string> signature = gatekeeper_.signature(*relay, mail.outcome.output);
  if (!signature) { // nothing leaves unsigned
    log_error(mail.envelope.receipt + " waits: " + signature.error().what);
    co_await rest(mail, Seconds(30));
    co_return Next::again;
  }
  mail.entry->state = QueueEntry::State::delivered;
  ++mail.entry->attempts;
  smtp::Outgoing out = outgoing(mail, *relay);
  out.trace.insert(0, *signature);
  Courier::MayGo may_go = [this, entry = mail.entry, under = mail.treated_under, judged = mail.judged_under] {
    return under == policy_.treatment_number(entry->envelope->relay) && judged == policy_.rules_number() && this->may_go(*entry);
  };
  Attempt attempt = co_await routes(*relay).deliver(std::move(out), std::move(may_go));
  if (attempt.delivery.withheld) { // an order or other rules came first: no failure of its own
    --mail.entry->attempts;
    co_return Next::again;
  }
  attempt.delivery.answers.resize(mail.envelope.recipients.size());
  Sorted sorted = sort_answers(mail, attempt);
  co_await settle(mail, attempt, sorted);
  if (!sorted.open.empty()) {
    mail.may_have_arrived = mail.may_have_arrived || attempt.delivery.may_be_taken;
    relay = policy_.relay_named(mail.envelope.relay);
    const bool is_cut_off = !relay || why_shut(*relay, mail.envelope).what != Still::What::open; // while under way: no failure of its own
    const bool heard = attempt.delivery.reason == Reason::none;
    const Reason reason = heard ? Reason::next_hop_deferred : attempt.delivery.reason;
    std::vector<Notice::About> why;
    for (std::size_t i = 0; i < sorted.open.size(); ++i)
      why.push_back(about_of(mail, i, reason, words_for(attempt.delivery, sorted.open[i]), attempt.next_hop));
    if (is_cut_off && attempt.delivery.may_be_taken) recorder_.tell(events::deferred(mail.envelope.receipt, why, unix_now(), true));
    if (is_cut_off) co_return Next::again;
    co_await defer(mail, std::move(why), attempt.delivery.may_be_taken);
    co_return Next::again;
  }
  co_await end_way(mail);
  co_return Next::over;
}

/// The door judged by the rules of then: whom those in force refuse gets nothing (M7).  A notice is the gateway's own.
Task<Journeys::Next> Journeys::judge_destinations(Traveller &mail) {
  mail.judged_under = policy_.rules_number();
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay || is_notice(mail.envelope)) co_return Next::again;
  const std::size_t before = mail.envelope.recipients.size() + mail.failed.size();
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i) {
    const Reason reason = rules::judge_destination(relay->guard, text::with_ascii_domain(mail.envelope.recipients[i]));
    if (reason == Reason::none) {
      open.push_back(i);
      continue;
    }
    counters_.count(reason);
    fail_recipient(mail, i, reason, "", "");
  }
  if (open.size() == mail.envelope.recipients.size()) co_return Next::again;
  co_await keep_open(mail, open, before);
  if (!open.empty()) co_return Next::again;
  co_await end_way(mail);
  co_return Next::over;
}

/// Nobody is tried any more.
Task<void> Journeys::end_way(Traveller &mail) {
  if (mail.failed.empty()) co_await finish(mail);
  else co_await hold(mail, mail.failed.front().about.reason, true);
}

/// Everybody is served or was told: the original is kept where something of it is missing, or a person wanted it kept too late.
Task<void> Journeys::finish(Traveller &mail) {
  const Reason missing = job::what_is_missing(mail.outcome.report);
  if (is_released(mail) && !mail.bounced.empty()) co_await hold(mail, mail.bounced.front().about.reason, false); // who has not
  else if (is_released(mail)) co_await hold(mail, missing == Reason::none ? Reason::hold_released : missing, false); // who has it now
  else if (mail.entry->steered.order == Steered::Order::dropped) co_await hold(mail, Reason::queue_dropped, false);
  else if (missing != Reason::none) co_await hold(mail, missing, false);
  else keeper_.done(mail.id);
}

Notice::About Journeys::about_of(const Traveller &mail, std::size_t place, Reason reason, const std::string &answer,
                                 const std::string &next_hop) {
  return {mail.envelope.recipients[place], notify_of(mail.envelope, place).original, reason, answer, next_hop};
}

void Journeys::fail_recipient(Traveller &mail, std::size_t place, Reason reason, const std::string &answer,
                              const std::string &next_hop) {
  mail.failed.push_back({about_of(mail, place, reason, answer, next_hop), notify_of(mail.envelope, place)});
}

/// The rules let it go on and nobody ordered otherwise.
bool Journeys::may_go(const QueueEntry &entry) const {
  const rules::Relay *relay = policy_.relay_named(entry.envelope->relay);
  return relay && !has_expired(*relay) && why_shut(*relay, *entry.envelope).what == Still::What::open &&
         entry.steered.order == Steered::Order::none;
}

/// Who never will get it goes to mail.failed.
Journeys::Sorted Journeys::sort_answers(Traveller &mail, const Attempt &attempt) {
  Sorted sorted;
  std::vector<std::string> reached;
  std::string answer;
  for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i) {
    const std::string &recipient = mail.envelope.recipients[i];
    const smtp::Answer &said = attempt.delivery.answers[i];
    switch (said.what) {
    case smtp::Answer::What::delivered:
      sorted.reached.push_back(i);
      reached.push_back(recipient);
      answer = said.text;
      break;
    case smtp::Answer::What::deferred:
      sorted.open.push_back(i);
      break;
    case smtp::Answer::What::refused: {
      const Reason reason = said.reason == Reason::none ? Reason::next_hop_refused : said.reason;
      counters_.count(reason);
      fail_recipient(mail, i, reason, said.text, attempt.next_hop);
      break;
    }
    }
  }
  if (reached.empty()) return sorted;
  mail.reached.insert(mail.reached.end(), reached.begin(), reached.end());
  mail.fruitful = mail.entry->attempts;
  gatekeeper_.delivered(mail.envelope, reached);
  ++counters_.delivered;
  const bool kept = job::what_is_missing(mail.outcome.report) != Reason::none;
  sorted.event = events::delivered(mail.envelope.receipt, reached, attempt.next_hop, attempt.delivery.tls, answer, kept);
  return sorted;
}

/// The record learns who got it, senders what they are to be told; then the spool learns who is left: whoever is still tried, and whoever
/// failed without anybody knowing.  `sorted.open` becomes the whole envelope.
Task<void> Journeys::settle(Traveller &mail, const Attempt &attempt, Sorted &sorted) {
  const std::size_t before = mail.failed.size() + sorted.reached.size() + sorted.open.size(); // recipients, and who had failed
  if (!sorted.event.empty()) co_await recorder_.tell_until_kept(std::move(sorted.event));
  if (!sorted.reached.empty()) co_await tell_relayed(mail, attempt, sorted.reached);
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (relay && why_shut(*relay, mail.envelope).what == Still::What::open && left_to_try(mail, relay->patience) <= 0) {
    for (const std::size_t i : sorted.open)
      fail_recipient(mail, i, Reason::delivery_expired, words_for(attempt.delivery, i), attempt.next_hop);
    sorted.open.clear();
  }
  co_await keep_open(mail, sorted.open, before);
}

/// `before`: how many there were, with those that had failed and of whom nobody knew.
Task<void> Journeys::keep_open(Traveller &mail, const std::vector<std::size_t> &places, std::size_t before) {
  co_await tell_failed(mail);
  std::vector<std::string> open;
  for (const std::size_t i : places) open.push_back(mail.envelope.recipients[i]);
  std::vector<std::string> left = open;
  for (const Failed &failed : mail.failed) left.push_back(failed.about.recipient);
  if (!open.empty() && left.size() < before) keeper_.left(mail.id, std::move(left), mail.reached);
  if (!open.empty()) spool::keep_recipients(mail.envelope, std::move(open));
}

/// `about`: by recipient.
Task<void> Journeys::defer(Traveller &mail, std::vector<Notice::About> about, bool may_have_arrived) {
  const Seconds wait = next_wait(mail);
  ++counters_.deferred;
  counters_.count(about.front().reason);
  const UnixSeconds retry_at = unix_now() + static_cast<UnixSeconds>(wait.count());
  recorder_.tell(events::deferred(mail.envelope.receipt, about, retry_at, may_have_arrived));
  mail.entry->state = QueueEntry::State::waiting;
  mail.entry->retry_at = retry_at;
  mail.entry->reason = about.front().reason;
  mail.entry->answer = about.front().answer;
  mail.entry->next_hop = about.front().next_hop;
  mail.entry->answers = events::differ(about) ? events::answers(about, most_in_queue) : std::string();
  const std::optional<Seconds> notice = until_delay_is_told(mail);
  const bool is_told = notice && *notice <= wait;
  if (is_told && notice->count() <= 0) co_await tell_delayed(mail, about);
  if (mail.entry->steered.order != Steered::Order::none) co_return; // it came while the mail was handed over
  let_go(mail);
  if (mail.has_place || memory_ > settings_.memory / 2) forget_form(mail); // made again then: half of it is for what moves
  if (is_told && notice->count() > 0) {
    const auto begin = SteadyClock::now();
    co_await rest(mail, *notice);
    const bool is_due = SteadyClock::now() - begin >= steady(*notice); // else somebody ordered something
    if (is_due) {
      co_await tell_delayed(mail, std::move(about));
      co_await rest(mail, wait - *notice);
    }
  } else {
    co_await rest(mail, wait);
  }
}

UnixSeconds Journeys::left_to_try(const Traveller &mail, const rules::PatienceRule &patience) const {
  return static_cast<UnixSeconds>(patience.give_up) - clock_.age(mail.envelope.accepted);
}

/// The last attempt is made when its time is over, not a whole wait later.
Seconds Journeys::next_wait(const Traveller &mail) const {
  if (settings_.retry_wait) return *settings_.retry_wait;
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay) return Seconds(60); // its way waits for other rules anyway
  const std::size_t in_vain = std::max<std::size_t>(1, mail.entry->attempts - mail.fruitful);
  const auto wait = static_cast<UnixSeconds>(rules::wait_after(relay->patience, in_vain));
  const UnixSeconds left = std::max<UnixSeconds>(1, left_to_try(mail, relay->patience));
  return Seconds(static_cast<double>(std::min(wait, left)));
}

/// A person took it out of the queue: whoever did not get it yet will not.
Task<void> Journeys::stop(Traveller &mail) {
  if (!mail.is_lost) {
    for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i)
      fail_recipient(mail, i, Reason::queue_dropped, "", "");
    co_await hold(mail, Reason::queue_dropped, true);
  }
  if (mail.is_lost) keeper_.done(mail.id); // there is nothing that the hold could keep
}

/// Nothing of it can go anywhere: it is told of until a person has seen it and drops it.
Task<void> Journeys::lie_lost(Traveller &mail) {
  if (mail.entry->state != QueueEntry::State::lost) {
    counters_.count(Reason::spool_failed);
    log_error(fmt::format("ALARM: mail {0} is harmed on disk and cannot be delivered; see  sekisho queue show {0}  and then  "
                          "sekisho queue drop {0} --because TEXT", mail.envelope.receipt));
    recorder_.tell(events::lost(mail.envelope));
  }
  mail.entry->state = QueueEntry::State::lost;
  mail.entry->reason = Reason::spool_failed;
  co_await rest(mail, Seconds(3600));
}

void Journeys::serve_only(spool::Envelope &envelope, const std::vector<Failed> &these) {
  envelope.recipients.clear();
  envelope.notify.clear();
  for (const Failed &failed : these) {
    envelope.recipients.push_back(failed.about.recipient);
    envelope.notify.push_back(failed.notify);
  }
}

/// A release serves whoever did not get it and of whom no sender was told: who cannot, and who was still tried; where all are served, those who have
/// the harmless form.  One that somebody could not be served by serves him when it is asked for again, told or not.
spool::Held Journeys::held_of(const Traveller &mail, Reason reason, bool all_served) const {
  spool::Held held;
  held.envelope = mail.envelope;
  if (all_served) {
    if (!mail.reached.empty()) spool::keep_recipients(held.envelope, mail.reached);
    held.only_known = is_released(mail); // its time may be over meanwhile
    if (held.only_known && mail.bounced.empty()) held.released = unix_now();
    if (held.only_known && !mail.bounced.empty()) serve_only(held.envelope, mail.bounced);
  } else {
    serve_only(held.envelope, mail.failed);
    for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i) {
      const std::string &recipient = mail.envelope.recipients[i];
      if (spool::is_among(held.envelope.recipients, recipient) || spool::is_among(mail.reached, recipient) ||
          std::ranges::count(mail.bounced, recipient, [](const Failed &failed) { return failed.about.recipient; }) > 0)
        continue;
      held.envelope.recipients.push_back(recipient);
      held.envelope.notify.push_back(notify_of(mail.envelope, i));
    }
    if (std::ranges::count(held.envelope.notify, spool::Notify{}) == std::ssize(held.envelope.notify)) held.envelope.notify.clear();
  }
  const bool is_forgotten = mail.outcome.status != job::Status::clean && !mail.report.empty();
  held.subject = is_forgotten ? mail.subject : mail.outcome.report.subject;
  held.reason = reason;
  held.delivered = !mail.reached.empty();
  held.reached = mail.reached;
  held.time = unix_now();
  std::vector<Notice::About> refused;
  for (const std::vector<Failed> *some : {&mail.failed, &mail.bounced})
    for (const Failed &one : *some)
      if (!one.about.answer.empty() && spool::is_among(held.envelope.recipients, one.about.recipient)) refused.push_back(one.about);
  if (!refused.empty()) held.answers = events::answers(refused, spool::max_answers / 2);
  held.report = is_forgotten ? mail.report : events::report_within(mail.outcome, events::most_octets);
  return held;
}

Task<std::vector<std::string>> Journeys::who_had_it(std::string receipt) {
  auto reached = std::make_shared<std::vector<std::string>>();
  std::function<void(spool::Hold &)> look = [reached, receipt](spool::Hold &hold) {
    if (Result<spool::Held> held = hold.find(receipt)) *reached = std::move(held->reached);
  };
  co_await keeper_.with_hold(std::move(look));
  co_return std::move(*reached);
}

/// The original goes from the spool to the hold.  `record`: nobody, or not everybody, got the mail.  Where
/// the hold has no room the mail stays in the spool, and this asks again.
Task<void> Journeys::hold(Traveller &mail, Reason reason, bool record) {
  const spool::Held held = held_of(mail, reason, !record);
  if (record) { // first: once the mail is in the hold, nothing of it would come back here after a crash
    ++counters_.held;
    counters_.count(reason);
    std::vector<std::string> without = held.envelope.recipients;
    bool is_delivered = held.delivered;
    if (is_released(mail)) { // some may have it from before
      const std::vector<std::string> before = co_await who_had_it(mail.envelope.receipt);
      is_delivered = is_delivered || !before.empty();
      std::erase_if(without, [&](const std::string &one) { return spool::is_among(before, one); });
    }
    std::vector<Notice::About> refused;
    for (const Failed &failed : mail.failed)
      if (spool::is_among(without, failed.about.recipient)) refused.push_back(failed.about);
    std::string event = events::held(mail.envelope.receipt, without, reason, refused, is_delivered, mail.may_have_arrived);
    co_await recorder_.tell_until_kept(std::move(event));
  }
  for (Reason told = Reason::none;;) {
    const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
    const std::uint64_t most = relay ? relay->hold.most_octets : 0;
    const Reason kept = co_await keeper_.hold(mail.id, held, mail.original, most);
    set_without_room(mail, kept == Reason::hold_full && !keeper_.hold_full());
    if (kept == Reason::none) co_return;
    if (told == Reason::none) {
      recorder_.tell(events::not_held(mail.envelope.receipt, kept));
      std::vector<std::string> left = record ? held.envelope.recipients : std::vector<std::string>(); // else a restart would serve all anew
      if (left.size() < mail.envelope.recipients.size()) keeper_.left(mail.id, std::move(left), mail.reached);
      mail.entry->state = QueueEntry::State::waiting;
      mail.entry->reason = kept;
      mail.entry->answer.clear();
      mail.entry->answers.clear();
    }
    mail.entry->retry_at = unix_now() + hold_again;
    if (kept != told) { // once a mail; how many wait, DiskWatch says
      counters_.count(kept);
      log_error(fmt::format("{}: cannot be put into the hold ({}); it stays in the spool",
                            mail.envelope.receipt, word_of(kept)));
    }
    told = kept;
    if (kept == Reason::spool_failed) {
      const bool is_in_spool = !mail.original;
      if (is_in_spool) (void)co_await read_back(mail); // or nobody can read it any more
      if (mail.is_lost && !record) { // and nobody misses it
        mail.is_lost = false;
        keeper_.done(mail.id);
        co_return;
      }
      if (mail.is_lost || keeper_.hold_failed()) co_return; // until a restart finds the disk well again
    }
    let_go(mail);
    drop_form(mail); // nobody gets it any more
    mail.entry->for_hold = true;
    if (!mail.entry->given_up) co_await rest(mail, Seconds(hold_again));
    if (!mail.entry->given_up) continue;
    recorder_.tell(events::not_held(mail.envelope.receipt, Reason::queue_dropped));
    co_return keeper_.done(mail.id);
  }
}

void Journeys::set_without_room(Traveller &mail, bool is_so) {
  if (std::exchange(mail.is_without_room, is_so) == is_so) return;
  loads_[mail.envelope.relay].without_room += is_so ? 1 : -1;
}

smtp::Outgoing Journeys::outgoing(const Traveller &mail, const rules::Relay &relay) const {
  smtp::Outgoing out;
  out.from = plainest(mail.envelope.from);
  std::ranges::transform(mail.envelope.recipients, std::back_inserter(out.recipients), plainest);
  out.utf8 = mail.envelope.utf8;
  out.trace = trace(mail, relay);
  out.mail = mail.outcome.output;
  out.require_tls = mail.envelope.require_tls;
  add_dsn(out, mail.envelope);
  return out;
}

/// RFC 5321 §4.4, RFC 8601 §4.1.  Of a mail on its way out the inner peer is not told.
std::string Journeys::trace(const Traveller &mail, const rules::Relay &relay) const {
  if (is_notice(mail.envelope))
    return fmt::format("Received: by {} id {};\r\n\t{}\r\n", settings_.host_name, mail.envelope.receipt,
                       mime::date_of(mail.envelope.accepted));
  const bool outward = relay.to < policy_.rules().zones().size() && policy_.rules().zones()[relay.to].outside;
  const std::string from = outward ? policy_.zone_name(relay.from)
                                   : fmt::format("{} ({})", mail.envelope.helo, literal(mail.envelope.client_ip));
  const std::string authentication = mail.envelope.authentication.empty()
                                         ? std::string()
                                         : "Authentication-Results: " + folded(mail.envelope.authentication) + "\r\n";
  return authentication + fmt::format("Received: from {}\r\n\tby {} with {} id {};\r\n\t{}\r\nSekisho-Hops: {}\r\n", from,
                     settings_.host_name, protocol(mail.envelope), mail.envelope.receipt,
                     mime::date_of(mail.envelope.accepted), mail.envelope.hops + 1);
}

// -- beside ---------------------------------------------------------------------------------------------------

Routes &Journeys::routes(const rules::Relay &relay) {
  std::unique_ptr<Routes> &routes = routes_[relay.name];
  if (!routes) routes = std::make_unique<Routes>(loop_, settings_);
  routes->set_relay(relay, policy_.passwords());
  return *routes;
}

void Journeys::policy_changed() {
  for (auto &[name, routes] : routes_) {
    const rules::Relay *relay = policy_.relay_named(name);
    if (!relay || !policy_.is_open(*relay)) routes->cut();
    else routes->set_relay(*relay, policy_.passwords()); // what waits for a next hop that is gone
  }
}

std::size_t Journeys::under_way() const {
  std::size_t all = 0;
  for (const auto &[name, load] : loads_) all += load.under_way;
  return all;
}

std::size_t Journeys::resting() const {
  std::size_t all = 0;
  for (const auto &[name, load] : loads_) all += load.resting;
  return all;
}

std::map<std::string, std::size_t> Journeys::astray() const {
  std::map<std::string, std::size_t> astray;
  for (const auto &[name, load] : loads_)
    if (load.under_way > 0 && !policy_.relay_named(name)) astray[name] = load.under_way;
  return astray;
}

std::map<std::string, std::size_t> Journeys::without_room() const {
  std::map<std::string, std::size_t> mails;
  for (const auto &[name, load] : loads_)
    if (load.without_room > 0) mails[name] = load.without_room;
  return mails;
}

std::size_t Journeys::in_hand() const {
  std::size_t all = 0;
  for (const auto &[name, routes] : routes_) all += routes->in_hand();
  return all;
}

Task<void> Journeys::pause(Seconds seconds) {
  net::steady_timer timer(loop_);
  timer.expires_after(steady(seconds));
  co_await timer.async_wait(as_result);
}

Task<void> Journeys::watch() {
  while (true) {
    timer_.expires_after(500ms);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
    for (auto &[name, routes] : routes_) routes->watch();
  }
}

} // namespace sekisho::relay
