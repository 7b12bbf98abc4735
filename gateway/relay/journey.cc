#include "gateway/relay/journey.hh"

#include "base/check.hh"
#include "base/log.hh"
#include "sanitizer/job/digest.hh"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

std::uint64_t now_us() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

/// "Fri, 20 Nov 2026 18:45:42 +0000", RFC 5322 §3.3.
std::string mail_date(UnixSeconds time) {
  static constexpr const char *days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char *months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = static_cast<std::time_t>(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", days[utc.tm_wday], utc.tm_mday,
                     months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/// RFC 5321 §4.1.3.
std::string literal(const std::string &address) {
  return (address.find(':') == std::string::npos ? "[" : "[IPv6:") + address + ']';
}

/// RFC 3848, RFC 6531 §4.3; the version and cipher of TLS as a comment.
std::string protocol(const spool::Envelope &envelope) {
  const std::string_view word = envelope.utf8 ? "UTF8SMTP" : "ESMTP";
  return envelope.tls.empty() ? std::string(word) : fmt::format("{}S ({})", word, envelope.tls);
}

std::string words_of(const Tcp::endpoint &endpoint) {
  return fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

Tcp::endpoint endpoint_of(const Ip &ip, std::uint16_t port) {
  if (ip.is_v4()) return {net::ip::address_v4(ip.v4()), port};
  return {net::ip::address_v6(ip.octets), port};
}

/// The sanitizer's own trouble, which may pass; not a judgement on the mail.
bool may_pass(Reason reason) {
  return reason == Reason::job_worker_died || reason == Reason::job_bad_reply ||
         reason == Reason::job_timeout || reason == Reason::job_scanner_unavailable;
}

/// Why the original is kept though a harmless form went on; none: nothing of it is missing.
Reason what_was_taken(const job::Report &report) {
  for (const job::PartReport &part : report.parts) {
    const Reason reason = part.reasons.empty() ? Reason::none : part.reasons.front();
    if (part.action == job::Action::stripped && reason != Reason::part_alternative_dropped)
      return reason == Reason::none ? Reason::part_stripped_by_rule : reason;
    if (part.action == job::Action::rendered) return Reason::part_rendered;
    if (part.action == job::Action::reencoded) return Reason::part_reencoded;
  }
  return Reason::none;
}

} // namespace

Journeys::Journeys(net::io_context &loop, const RelaySettings &settings, Policy &policy,
                   Counters &counters, Recorder &recorder, Keeper &keeper, Treater &treater)
    : loop_(loop), settings_(settings), policy_(policy), counters_(counters), recorder_(recorder),
      keeper_(keeper), treater_(treater), timer_(loop) {
  start(loop_, watch());
}

// -- in -------------------------------------------------------------------------------------------------------

/// Behind a 250 stands the disk.  The record is told beside, and the mail goes no further until it knows.
Task<Taken> Journeys::take(smtp::Mail mail, std::string client_ip, std::string relay) {
  if (under_way_ >= settings_.waiting_mails) co_return Taken{Reason::spool_full, {}};
  if (recorder_.choked() || recorder_.failing()) co_return Taken{Reason::record_unavailable, {}};

  Traveller traveller;
  spool::Envelope &envelope = traveller.envelope;
  envelope.receipt = receipts_.make(now_us());
  envelope.from = std::move(mail.from);
  envelope.recipients = std::move(mail.recipients);
  envelope.relay = std::move(relay);
  envelope.client_ip = std::move(client_ip);
  envelope.helo = std::move(mail.helo);
  envelope.accepted = unix_now();
  envelope.hops = mail.hops;
  envelope.utf8 = mail.utf8;
  envelope.notify = std::move(mail.notify);
  envelope.envelope_id = std::move(mail.envelope_id);
  envelope.headers_only = mail.headers_only;
  envelope.require_tls = mail.require_tls;
  envelope.tls = std::move(mail.tls);
  traveller.original = std::make_shared<const Buffer>(std::move(mail.bytes));

  const Keeper::Kept kept = co_await keeper_.put(envelope, traveller.original);
  if (kept.reason != Reason::none) co_return Taken{kept.reason, {}};
  traveller.sha256 = job::sha256_hex(*traveller.original);
  traveller.introduction = events::received(envelope, traveller.original->size(), traveller.sha256);
  ++counters_.accepted;
  traveller.id = kept.id;
  Taken taken{Reason::none, envelope.receipt};
  Task<void> way = travel(std::move(traveller));
  start(loop_, std::move(way));
  if (under_way_ > settings_.unhurried_mails) { // the peer waits a little, so that the queue stays short
    const double over = static_cast<double>(under_way_ - settings_.unhurried_mails);
    co_await pause(Seconds(std::min(1.0, over * 0.001)));
  }
  co_return taken;
}

void Journeys::resume(const std::map<spool::MailId, spool::Envelope> &waiting) {
  for (const auto &[id, envelope] : waiting) {
    Traveller traveller;
    traveller.id = id;
    traveller.envelope = envelope;
    start(loop_, travel(std::move(traveller)));
  }
}

// -- the way --------------------------------------------------------------------------------------------------

Task<void> Journeys::travel(Traveller mail) {
  ++under_way_;
  if (mail.original && memory_ + mail.original->size() > settings_.memory) mail.original.reset();
  memory_ += mail.original ? mail.original->size() : 0;
  std::string introduction = std::exchange(mail.introduction, {});
  if (introduction.empty()) introduction = events::resumed(mail.envelope);
  co_await recorder_.tell_until_kept(std::move(introduction));
  bool over = false;
  while (!over) {
    if (!co_await wait_until_open(mail)) { // the rules let it go no further
      co_await hold(mail, Reason::mail_rule_expired, true);
      break;
    }
    if (mail.outcome.status != job::Status::clean) {
      if (!co_await treat(mail)) break;
      continue; // time has passed: is the way still open?
    }
    const Next next = co_await deliver(mail);
    over = next == Next::over;
  }
  --under_way_;
}

/// False: the rule has expired.  A mail whose relay is gone from the rules, or cut off, waits.
Task<bool> Journeys::wait_until_open(const Traveller &mail) {
  while (true) {
    const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
    if (relay && relay->ledger.until && *relay->ledger.until < unix_now()) co_return false;
    if (relay && policy_.is_open(*relay)) co_return true;
    co_await pause(Seconds(0.5));
  }
}

/// False: it does not go on; it is in the hold.
Task<bool> Journeys::treat(Traveller &mail) {
  for (std::size_t attempt = 0;; ++attempt) {
    const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
    if (!relay) co_return true; // taken out of the rules since: asked again when they have it
    const job::Plan plan = relay->plan;
    std::optional<rules::ScanRule> scan = relay->scan;
    mail.outcome = co_await treat_once(mail, plan, scan);
    if (mail.outcome.status == job::Status::clean) break;
    // A mail that takes all its time again keeps a thread from the others: once more is enough.
    const std::size_t again = mail.outcome.reason == Reason::job_timeout ? 1 : 3;
    if (!may_pass(mail.outcome.reason) ||
        attempt >= std::min(again, settings_.treat_again.size()))
      break;
    co_await pause(settings_.treat_again[attempt]);
  }
  if (mail.original) memory_ -= mail.original->size();
  mail.original.reset();
  if (!mail.told) recorder_.tell(events::treated(mail.envelope.receipt, mail.outcome));
  mail.told = true;
  if (mail.outcome.status == job::Status::clean) {
    ++counters_.clean;
    co_return true;
  }
  co_await hold(mail, mail.outcome.reason, true);
  co_return false;
}

Task<job::Outcome> Journeys::treat_once(Traveller &mail, job::Plan plan, std::optional<rules::ScanRule> scan) {
  job::Outcome outcome;
  if (mail.original) {
    outcome = co_await treater_.treat(mail.envelope.receipt, mail.sha256, plan, scan, mail.original);
    co_return outcome;
  }
  co_await take_turn();
  Result<Buffer> octets = co_await keeper_.read(mail.id);
  if (octets) {
    auto original = std::make_shared<const Buffer>(std::move(*octets));
    const std::size_t size = original->size();
    memory_ += size;
    outcome = co_await treater_.treat(mail.envelope.receipt, mail.sha256, plan, scan, std::move(original));
    memory_ -= size;
  } else {
    log_error(mail.envelope.receipt + ": " + octets.error().what);
    outcome.reason = Reason::spool_failed;
  }
  end_turn();
  co_return outcome;
}

/// Only a few originals are read back at a time: after a restart the whole spool waits here at once.
Task<void> Journeys::take_turn() {
  if (turns_ < 2 * settings_.treat_threads) {
    ++turns_;
    co_return;
  }
  auto turn = std::make_shared<Waiter<bool>>(loop_);
  waiting_turns_.push_back(turn);
  co_await turn->wait();
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
  const rules::Relay *relay = policy_.relay_named(mail.envelope.relay);
  if (!relay || !policy_.is_open(*relay)) co_return Next::again;
  Courier &courier = this->courier(*relay);
  const std::string next_hop = words_of(courier.next_hop());
  smtp::Outgoing out = outgoing(mail, *relay);
  Delivery delivery = co_await courier.deliver(std::move(out));
  delivery.answers.resize(mail.envelope.recipients.size());

  std::vector<std::string> open;
  std::string words;
  std::string reached = sort_answers(mail, delivery, next_hop, open, words);
  if (!reached.empty()) co_await recorder_.tell_until_kept(std::move(reached));
  if (!open.empty()) {
    const bool changed = open.size() < mail.envelope.recipients.size();
    mail.envelope.recipients = std::move(open);
    if (changed) keeper_.left(mail.id, mail.envelope.recipients);
    relay = policy_.relay_named(mail.envelope.relay);
    if (!relay || !policy_.is_open(*relay)) co_return Next::again; // cut off while under way: no failure of its own
    const Reason reason = delivery.trouble.empty() ? Reason::next_hop_deferred : Reason::next_hop_unreachable;
    if (expired(mail)) {
      mail.refused = Reason::delivery_expired;
      co_await hold(mail, Reason::delivery_expired, true);
      co_return Next::over;
    }
    co_await defer(mail, reason, next_hop, delivery.trouble.empty() ? words : delivery.trouble);
    co_return Next::again;
  }
  if (mail.refused != Reason::none) {
    co_await hold(mail, mail.refused, true);
    co_return Next::over;
  }
  const Reason taken = what_was_taken(mail.outcome.report);
  if (taken != Reason::none) co_await hold(mail, taken, false);
  else keeper_.done(mail.id);
  co_return Next::over;
}

/// For the record: who got it; empty: nobody.  `open` gets the recipients to try again, `words` what one of them
/// was told.
std::string Journeys::sort_answers(Traveller &mail, const Delivery &delivery, const std::string &next_hop,
                                   std::vector<std::string> &open, std::string &words) {
  std::vector<std::string> reached;
  std::string answer;
  for (std::size_t i = 0; i < mail.envelope.recipients.size(); ++i) {
    const std::string &recipient = mail.envelope.recipients[i];
    const smtp::Answer &said = delivery.answers[i];
    switch (said.what) {
    case smtp::Answer::What::delivered:
      reached.push_back(recipient);
      answer = said.text;
      break;
    case smtp::Answer::What::deferred:
      open.push_back(recipient);
      words = said.text;
      break;
    case smtp::Answer::What::refused:
      counters_.count(Reason::next_hop_refused);
      mail.refused = Reason::next_hop_refused;
      mail.refusal = said.text;
      mail.refused_to.push_back(recipient);
      break;
    }
  }
  if (reached.empty()) return {};
  mail.delivered = true;
  ++counters_.delivered;
  const bool kept = what_was_taken(mail.outcome.report) != Reason::none;
  return events::delivered(mail.envelope.receipt, reached, next_hop, answer, kept);
}

Task<void> Journeys::defer(Traveller &mail, Reason reason, const std::string &next_hop,
                           const std::string &words) {
  const std::size_t step = std::min(mail.attempts++, settings_.retries.size() - 1);
  const Seconds wait = settings_.retries[step];
  ++counters_.deferred;
  counters_.count(reason);
  const UnixSeconds retry_at = unix_now() + static_cast<UnixSeconds>(wait.count());
  recorder_.tell(events::deferred(mail.envelope.receipt, mail.envelope.recipients, next_hop, reason, words,
                                  retry_at));
  if (memory_ + mail.outcome.output.size() > settings_.memory) mail.outcome = {}; // made again then
  else memory_ += mail.outcome.output.size();
  const std::size_t charged = mail.outcome.output.size();
  co_await pause(wait);
  memory_ -= charged;
}

bool Journeys::expired(const Traveller &mail) const {
  return static_cast<double>(unix_now() - mail.envelope.accepted) >= settings_.give_up.count();
}

/// The original goes from the spool to the hold.  `record`: nobody, or not everybody, got the mail.  Where
/// the hold has no room the mail stays in the spool, and this asks again.
Task<void> Journeys::hold(Traveller &mail, Reason reason, bool record) {
  spool::Held held;
  held.envelope = mail.envelope;
  if (!mail.refused_to.empty()) held.envelope.recipients = mail.refused_to;
  held.subject = mail.outcome.report.subject;
  held.reason = reason;
  held.delivered = mail.delivered;
  held.time = unix_now();
  if (record) { // first: once the mail is in the hold, nothing of it would come back here after a crash
    ++counters_.held;
    counters_.count(reason);
    std::string event = events::held(mail.envelope.receipt, held.envelope.recipients, reason, mail.refusal);
    co_await recorder_.tell_until_kept(std::move(event));
  }
  while (true) {
    const Reason kept = co_await keeper_.hold(mail.id, held);
    if (kept == Reason::none) co_return;
    log_error(fmt::format("{}: cannot be put into the hold ({}); it stays in the spool",
                          mail.envelope.receipt, word_of(kept)));
    if (kept == Reason::spool_failed) co_return; // until a restart finds the disk well again
    co_await pause(Seconds(60));
  }
}

smtp::Outgoing Journeys::outgoing(const Traveller &mail, const rules::Relay &relay) const {
  smtp::Outgoing out;
  out.from = mail.envelope.from;
  out.recipients = mail.envelope.recipients;
  out.utf8 = mail.envelope.utf8;
  out.trace = trace(mail, relay);
  out.mail = mail.outcome.output;
  return out;
}

/// RFC 5321 §4.4.  Of a mail on its way out the inner peer is not told.
std::string Journeys::trace(const Traveller &mail, const rules::Relay &relay) const {
  const bool outward = relay.to < policy_.rules().zones().size() && policy_.rules().zones()[relay.to].outside;
  const std::string from = outward ? policy_.zone_name(relay.from)
                                   : fmt::format("{} ({})", mail.envelope.helo, literal(mail.envelope.client_ip));
  return fmt::format("Received: from {}\r\n\tby {} with {} id {};\r\n\t{}\r\nSekisho-Hops: {}\r\n", from,
                     settings_.host_name, protocol(mail.envelope), mail.envelope.receipt,
                     mail_date(mail.envelope.accepted), mail.envelope.hops + 1);
}

// -- beside ---------------------------------------------------------------------------------------------------

Courier &Journeys::courier(const rules::Relay &relay) {
  std::unique_ptr<Courier> &courier = couriers_[relay.name];
  if (!courier) courier = std::make_unique<Courier>(loop_, settings_);
  courier->set_next_hop(endpoint_of(relay.next_hop, relay.next_hop_port));
  return *courier;
}

void Journeys::policy_changed() {
  for (auto &[name, courier] : couriers_) {
    const rules::Relay *relay = policy_.relay_named(name);
    if (!relay || !policy_.is_open(*relay)) courier->cut();
  }
}

std::size_t Journeys::in_hand() const {
  std::size_t all = 0;
  for (const auto &[name, courier] : couriers_) all += courier->in_hand();
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
    for (auto &[name, courier] : couriers_) courier->watch();
  }
}

} // namespace sekisho::relay
