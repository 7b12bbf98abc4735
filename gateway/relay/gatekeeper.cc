#include "gateway/relay/gatekeeper.hh"

#include "base/log.hh"
#include "gateway/guard/authentication.hh"
#include "gateway/guard/forwarding.hh"
#include "gateway/relay/clients.hh"
#include "gateway/relay/events.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

constexpr auto answers_within = 10s; // all that is asked about one mail
constexpr int most_rounds = 24;      // of questions, each after the answers of the one before
constexpr std::size_t max_reason = 500; // octets that a person gives

std::uint32_t today() { return static_cast<std::uint32_t>(unix_now() / 86'400); }

double monotonic_seconds() { return static_cast<double>(monotonic_ns()) / 1e9; }

std::string dumped(const Json &json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

/// Whoever has one address of an IPv6 /64 has them all.
std::string client_of(const spool::Envelope &envelope) {
  const std::optional<Ip> ip = parse_ip(envelope.client_ip);
  if (!ip) return envelope.client_ip;
  return to_string(source_of(*ip)) + (ip->is_v4() ? "" : "/64");
}

guard::Counted counted_of(const rules::GuardRule &rule, const spool::Envelope &envelope, const guard::Message &message) {
  guard::Counted counted{envelope.from, client_of(envelope), static_cast<std::uint32_t>(envelope.recipients.size())};
  const bool by_text =
      std::ranges::any_of(rule.mass, [](const rules::MassLimit &limit) { return limit.per == rules::MassPer::text; });
  if (by_text) counted.text = guard::sketch_of(message);
  return counted;
}

bool leaves_sender_open(Reason reason) {
  return reason == Reason::dmarc_failed || reason == Reason::spf_failed || reason == Reason::authentication_unavailable;
}

bool is_of_client(rules::MassPer per) { return per == rules::MassPer::client; }
bool is_of_others(rules::MassPer per) { return per != rules::MassPer::client; }

std::vector<rules::MassLimit> limits(const rules::Relay &relay, bool (*is_meant)(rules::MassPer)) {
  std::vector<rules::MassLimit> limits = relay.guard.mass;
  std::erase_if(limits, [&](const rules::MassLimit &limit) { return !is_meant(limit.per); });
  return limits;
}

} // namespace

Result<std::unique_ptr<Gatekeeper>> Gatekeeper::open(net::io_context &loop, const RelaySettings &settings, Policy &policy,
                                                     Recorder &recorder, const std::string &folder,
                                                     std::function<void()> changed) {
  Result<SenderFile> senders = SenderFile::open(folder);
  if (!senders) return fail(senders.error());
  Result<Breakers> breakers = Breakers::open(folder);
  if (!breakers) return fail(breakers.error());
  for (const auto &[relay, stopped] : breakers->stopped())
    log_error(fmt::format("relay {} stands still since {}: {}; start it again with  sekisho breaker arm {}", relay,
                          stopped.since, stopped.why, relay));
  policy.set_stopped(breakers->names());
  return std::unique_ptr<Gatekeeper>(new Gatekeeper(loop, settings, policy, recorder, std::move(*senders),
                                                    std::move(*breakers), std::move(changed)));
}

Gatekeeper::Gatekeeper(net::io_context &loop, const RelaySettings &settings, Policy &policy, Recorder &recorder,
                       SenderFile senders, Breakers breakers, std::function<void()> changed)
    : loop_(loop), settings_(settings), policy_(policy), recorder_(recorder), senders_(std::move(senders)),
      breakers_(std::move(breakers)), changed_(std::move(changed)) {}

/// What is refused for its own sake comes before what is counted, and what the client is counted for before what takes time: a
/// forgery is the client's, not of him whose name it bears, and no mass of the relay's.
Task<Gatekeeper::Judged> Gatekeeper::judge(spool::Envelope &envelope, SharedBuffer mail) {
  Judged judged;
  const rules::Relay *relay = policy_.relay_named(envelope.relay);
  if (!relay) co_return judged; // gone from the rules while the mail was read
  const rules::GuardRule rule = relay->guard;
  const guard::Message message = guard::read_message(*mail);
  judged.reason = Reason::mail_loop;
  if (guard::has_been_there(message, envelope.recipients)) co_return judged;
  judged.reason = Reason::auto_forwarded;
  if (rule.refuse_forwarded && !guard::mark_of_forwarding(message, envelope.from).empty()) co_return judged;
  judged.counted = counted_of(rule, envelope, message);
  judged.counted.is_claimed = is_from_outside(*relay);
  judged.reason = count(*relay, envelope, judged.counted, is_of_client);
  if (judged.reason != Reason::none) co_return judged;
  guard::Authentication found;
  judged.reason = co_await authenticate(*relay, envelope, message, found);
  if (judged.reason != Reason::none) co_return judged;
  relay = policy_.relay_named(envelope.relay); // the rules may have changed meanwhile
  judged.reason = Reason::relay_denied;
  if (!relay) co_return judged;
  judged.reason = count(*relay, envelope, judged.counted, is_of_others);
  if (judged.reason != Reason::none) co_return judged;

  if (rule.unknown_senders != rules::UnknownSenders::ignore) judged.sender = note_sender(*relay, envelope, message, found);
  co_return judged;
}

/// Tells of one from whom no mail came before.  Returns whom to know from now on: whoever borrows a name does not make
/// it known, and a From (or the Sender shown in its place) of several, or of none that can be read, is nobody's.  Whom
/// the own side has, no mail from outside makes known, but where it is shown to be his: anybody can write the name.
std::string Gatekeeper::note_sender(const rules::Relay &relay, spool::Envelope &envelope, const guard::Message &message,
                                    const guard::Authentication &found) {
  const guard::Author author = guard::author_of(message);
  const bool is_ambiguous = author.address.empty() && !author.field.empty();
  const std::string &sender = author.address.empty() ? envelope.from : author.address;
  if (sender.empty() && !is_ambiguous) return {};
  const bool is_borrowed = is_from_outside(relay) && policy_.is_own_side(relay, sender) && !guard::is_shown_to_be_of(found, sender);
  const bool is_known = !is_ambiguous && !is_borrowed && senders_.senders().knows(senders_.senders().name_of(envelope.relay, sender), today());
  if (!is_known) envelope.known.push_back(Reason::unknown_sender);
  return is_ambiguous || is_borrowed || std::ranges::any_of(envelope.known, leaves_sender_open) ? std::string() : sender;
}

/// A mass from outside stops whoever sends it, and what is above the relay's own limit, while it lasts: else anybody
/// could stop the town's mail.  What was refused so is counted for nobody.
Reason Gatekeeper::count(const rules::Relay &relay, const spool::Envelope &envelope, const guard::Counted &counted,
                         bool (*is_meant)(rules::MassPer)) {
  if (policy_.is_stopped(relay.name)) return Reason::breaker_tripped;
  const std::optional<guard::Trip> trip = breaker_.count(relay.name, limits(relay, is_meant), counted, monotonic_seconds());
  if (!trip) return Reason::none;
  const std::string why = guard::words_of(*trip);
  if (is_from_outside(relay)) {
    if (is_meant(rules::MassPer::relay)) breaker_.take_back(relay.name, limits(relay, is_of_client), counted, monotonic_seconds());
    if (trip->limit.per == rules::MassPer::relay) tell_of_flood(relay.name, why, envelope);
    return Reason::mass_refused;
  }
  log_error(fmt::format("ALARM: relay {} stopped itself: {}; start it again with  sekisho breaker arm {} --because TEXT",
                        relay.name, why, relay.name));
  recorder_.tell(events::breaker_tripped(relay.name, why, envelope));
  breakers_.trip(relay.name, why, unix_now());
  policy_.set_stopped(breakers_.names());
  changed_();
  return Reason::breaker_tripped;
}

/// Once, and again when it had been over for a while.
void Gatekeeper::tell_of_flood(const std::string &relay, const std::string &why, const spool::Envelope &last) {
  constexpr auto over_after = 10min;
  const auto now = SteadyClock::now();
  const auto [flood, is_first] = floods_.try_emplace(relay, now);
  const bool is_new = is_first || now - std::exchange(flood->second, now) > over_after;
  if (!is_new) return;
  log_error(fmt::format("ALARM: relay {}: mass of mail from outside: {}; what is above that is not taken while it lasts", relay, why));
  recorder_.tell(events::mass_from_outside(relay, why, last));
}

bool Gatekeeper::is_from_outside(const rules::Relay &relay) const {
  const auto &zones = policy_.rules().zones();
  return relay.from < zones.size() && zones[relay.from].outside;
}

Task<Reason> Gatekeeper::authenticate(const rules::Relay &relay, spool::Envelope &envelope, const guard::Message &message,
                                      guard::Authentication &found) {
  const rules::GuardRule rule = relay.guard; // the rules may change while answers are waited for
  if (rule.authentication == rules::Authentication::none || !rule.resolver) {
    if (is_from_outside(relay)) envelope.authentication = guard::no_authentication_results(settings_.host_name);
    co_return Reason::none;
  }
  const std::optional<Ip> client = parse_ip(envelope.client_ip);
  const guard::SpfQuery query{client.value_or(Ip{}), envelope.from, envelope.helo, settings_.host_name};
  Resolver &resolver = this->resolver(*rule.resolver);
  guard::Lookups lookups;
  guard::Authenticator authenticator(message, query, unix_now());
  const auto until = SteadyClock::now() + answers_within;
  for (int round = 0; !authenticator.go_on(lookups); ++round) {
    const auto limit = round < most_rounds ? until : SteadyClock::time_point::min();
    co_await look_up(resolver, lookups, limit);
  }
  found = authenticator.take();
  envelope.authentication = guard::authentication_results(settings_.host_name, query, found);
  for (const Reason reason : guard::findings(found)) envelope.known.push_back(reason);
  const bool refused = rule.authentication == rules::Authentication::refuse && guard::is_to_be_rejected(found);
  co_return refused ? Reason::dmarc_failed : Reason::none;
}

/// Asks for all that is missing at once.  When time is up each question that is open counts as not answered.
Task<void> Gatekeeper::look_up(Resolver &resolver, guard::Lookups &lookups, SteadyClock::time_point until) {
  std::vector<guard::Question> questions;
  for (const guard::Question &question : lookups.take_wanted()) questions.push_back(question);
  if (SteadyClock::now() >= until) {
    for (const guard::Question &question : questions) lookups.tell(question, guard::Answer{});
    co_return;
  }
  using Waiters = std::vector<std::shared_ptr<Waiter<guard::Answer>>>;
  auto waiters = std::make_shared<Waiters>();
  auto ask = [](Resolver &resolver, guard::Question question, SteadyClock::time_point until,
                std::shared_ptr<Waiter<guard::Answer>> waiter) -> Task<void> {
    guard::Answer answer = co_await resolver.ask(std::move(question), until);
    waiter->finish(std::move(answer));
  };
  for (const guard::Question &question : questions) {
    waiters->push_back(std::make_shared<Waiter<guard::Answer>>(loop_));
    Task<void> asking = ask(resolver, question, until, waiters->back());
    start(loop_, std::move(asking));
  }
  net::steady_timer limit(loop_, until);
  limit.async_wait([waiters](NetError error) {
    if (error) return;
    for (auto &waiter : *waiters) waiter->finish(guard::Answer{});
  });
  for (std::size_t i = 0; i < questions.size(); ++i) {
    guard::Answer answer = co_await (*waiters)[i]->wait();
    lookups.tell(questions[i], std::move(answer));
  }
}

Resolver &Gatekeeper::resolver(const rules::Resolver &rule) {
  const Tcp::endpoint server = endpoint_of(rule.address, rule.port);
  std::unique_ptr<Resolver> &resolver = resolvers_[server];
  if (!resolver) resolver = std::make_unique<Resolver>(loop_, server);
  return *resolver;
}

void Gatekeeper::learn(const std::string &relay, std::string_view address, bool established) {
  guard::KnownSenders::Entry entry;
  if (senders_.senders().learn(senders_.senders().name_of(relay, address), today(), established, entry))
    senders_.append(entry);
}

void Gatekeeper::kept(const spool::Envelope &envelope, const Judged &judged) {
  if (!judged.sender.empty()) learn(envelope.relay, judged.sender, false);
}

void Gatekeeper::not_kept(const spool::Envelope &envelope, const Judged &judged) {
  if (const rules::Relay *relay = policy_.relay_named(envelope.relay))
    breaker_.take_back(relay->name, relay->guard.mass, judged.counted, monotonic_seconds());
}

/// A notice or an automatic answer goes to whoever wrote, stranger or not.
void Gatekeeper::delivered(const spool::Envelope &envelope, std::span<const std::string> recipients) {
  const rules::Relay *way = policy_.relay_named(envelope.relay);
  if (!way || envelope.from.empty()) return;
  for (const rules::Relay &back : policy_.rules().relays())
    if (back.from == way->to && back.to == way->from && back.guard.unknown_senders != rules::UnknownSenders::ignore)
      for (const std::string &recipient : recipients) learn(back.name, recipient, true);
}

bool Gatekeeper::has_key(const rules::Relay &relay) const {
  return !relay.guard.signing || signers_.find(*relay.guard.signing) != nullptr;
}

Result<std::string> Gatekeeper::signature(const rules::Relay &relay, Bytes mail) const {
  if (!relay.guard.signing) return std::string();
  const guard::Signer *signer = signers_.find(*relay.guard.signing);
  if (!signer) return fail("the key of the gateway's own DKIM signature could not be read");
  return guard::sign_mail(mail, *signer, unix_now());
}

Task<Result<std::string>> Gatekeeper::answer(std::string question) {
  const Json json = Json::parse(question, nullptr, false);
  if (!json.is_object()) co_return fail("question not understood");
  Json answer;
  if (!json.contains("relay")) {
    answer["stopped"] = Json::array();
    for (const auto &[relay, stopped] : breakers_.stopped())
      answer["stopped"].push_back({{"relay", relay}, {"since", stopped.since}, {"why", stopped.why}});
    co_return dumped(answer);
  }
  const std::string relay = json["relay"].is_string() ? json["relay"].get<std::string>() : std::string();
  const std::string reason =
      json.contains("reason") && json["reason"].is_string() ? json["reason"].get<std::string>().substr(0, max_reason) : "";
  const auto stopped = breakers_.stopped().find(relay);
  if (stopped == breakers_.stopped().end())
    co_return fail(policy_.relay_named(relay) ? "relay " + relay + " did not stop itself" : policy_.no_such_relay(relay));
  if (reason.empty()) co_return fail("say why it may start again: --because TEXT");
  // what opens something waits until it is recorded (L1)
  std::string event = events::breaker_armed(relay, reason, stopped->second.since, dumped(json.value("who", Json::object())));
  const bool recorded = co_await recorder_.tell_within(std::move(event), recorder_.end_of_order());
  if (!recorded) {
    recorder_.tell(events::not_done({}, "breaker-armed", "record-unavailable: relay " + relay));
    co_return fail("record-unavailable: the relay stands still as before");
  }
  Result<void> armed = breakers_.arm(relay);
  if (!armed) co_return fail(armed.error());
  breaker_.forget(relay);
  policy_.set_stopped(breakers_.names());
  changed_();
  log_info(fmt::format("relay {} was started again: {}", relay, reason));
  answer["armed"] = relay;
  co_return dumped(answer);
}

} // namespace sekisho::relay
