#include "gateway/relay/doors.hh"

#include "base/check.hh"
#include "base/log.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

constexpr auto flush_every = 10s;
constexpr auto keep_every = 300s;
constexpr auto last_words = 3s; // to take in a 421

/// What the rule does not say is the gateway's own.
std::size_t or_else(std::uint32_t said, std::size_t otherwise) { return said > 0 ? said : otherwise; }

} // namespace

void start(net::io_context &loop, Task<void> task) {
  net::co_spawn(loop, std::move(task), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
}

Doors::Doors(net::io_context &loop, const RelaySettings &settings, Policy &policy, Counters &counters,
             Recorder &recorder, TakeMail take_mail, std::string greylist_file)
    : loop_(loop), settings_(settings), policy_(policy), counters_(counters), recorder_(recorder),
      take_mail_(std::move(take_mail)), greylist_file_(std::move(greylist_file)), timer_(loop),
      next_flush_(SteadyClock::now() + flush_every), next_keep_(SteadyClock::now() + keep_every) {
  greylist_file_.load(greylist_);
  start(loop_, watch());
}

void Doors::open(int fd, const std::string &zone, std::uint16_t port, const std::string &relay) {
  // a copy of the descriptor: Asio closes what it owns, the listener is the supervisor's
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  CHECK(copy >= 0);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  CHECK(::getsockname(copy, reinterpret_cast<sockaddr *>(&address), &length) == 0);
  Tcp::acceptor acceptor(loop_);
  acceptor.assign(address.ss_family == AF_INET6 ? Tcp::v6() : Tcp::v4(), copy);
  doors_.push_back({std::move(acceptor), zone, port, relay, {}, {}, {}, {}, {}});
  start(loop_, accept(doors_.back()));
}

Result<void> Doors::set_secrets(const rules::RuleSet &rules, const role::Secrets &secrets) {
  std::map<std::string, std::shared_ptr<SSL_CTX>> made;
  for (const rules::Relay &relay : rules.relays()) {
    const rules::DoorRule &door = relay.door;
    if (door.tls == rules::DoorTls::off) continue;
    const auto file = [&](const std::string &path) {
      const auto found = secrets.find(path);
      return tls::PemFile{path, found == secrets.end() ? std::string_view() : std::string_view(found->second)};
    };
    const tls::ServerFiles files{file(door.certificate), file(door.key), file(door.client_ca)};
    auto context = tls::make_server_context(files);
    if (!context) return fail(context.error());
    made[relay.name] = std::move(*context);
  }
  tls_ = std::move(made);
  return {};
}

bool Doors::has_door(const std::string &zone, std::uint16_t port) const {
  return std::any_of(doors_.begin(), doors_.end(),
                     [&](const Door &door) { return door.zone == zone && door.port == port; });
}

Task<void> Doors::accept(Door &door) {
  while (!shut_) {
    auto [error, socket] = co_await door.acceptor.async_accept(as_result);
    if (shut_ || error == net::error::operation_aborted) co_return;
    if (!error) {
      greet(door, std::move(socket));
      continue;
    }
    log_error("cannot accept a connection: " + error.message());
    net::steady_timer pause(loop_, 500ms); // no descriptor left: some will be
    co_await pause.async_wait(as_result);
  }
}

void Doors::greet(Door &door, Tcp::socket socket) {
  ++counters_.connections;
  if (conversations_.size() >= settings_.most_connections) return counters_.count(Reason::too_many_connections);
  Conversation &conversation = conversations_.emplace_back(loop_, door, std::move(socket));
  conversation.client = conversation.stream.remote_address();
  conversation.ip = parse_ip(conversation.client).value_or(Ip{});
  await_mail(conversation);
  conversation.last_moment = SteadyClock::now() + steady(settings_.conversation);
  start(loop_, converse(std::prev(conversations_.end())));
}

/// Of the relay that listens here; the rules may have given it another since the door was opened.
const std::string &Doors::name_of(const Door &door) const {
  const rules::Relay *relay = policy_.relay_at(door.zone, door.port);
  return relay ? relay->name : door.relay;
}

/// The rule of the relay that listens here, as it is now.
rules::DoorRule Doors::rule_of(const Door &door) const {
  const rules::Relay *relay = policy_.relay_at(door.zone, door.port);
  return relay ? relay->door : rules::DoorRule{};
}

Reason Doors::may_enter(Conversation &conversation) {
  Door &door = conversation.door;
  if (policy_.is_severed(door.zone)) return Reason::mail_zone_severed;
  const rules::Relay *relay = policy_.relay_at(door.zone, door.port);
  if (!relay) return Reason::relay_denied;
  // A balancer that asks for itself whether somebody is here is greeted; what it may hand in, the policy says.
  if (!is_client(relay->door, conversation.ip) && !is_balancer(relay->door, conversation.ip)) return Reason::client_unlisted;
  if (door.arrivals.take(conversation.ip, relay->door.connections_a_minute, SteadyClock::now()) != Reason::none)
    return Reason::too_many_connections;
  const ConnectionLimits limits{or_else(relay->door.connections, settings_.connections),
                                or_else(relay->door.source_connections, settings_.connections_a_client),
                                or_else(relay->door.net_connections, settings_.connections_a_net)};
  const Reason reason = door.connections.enter(conversation.ip, limits);
  conversation.is_counted = reason == Reason::none;
  return reason;
}

/// `reason`: said in place of a greeting.
void Doors::begin(Conversation &conversation, Reason reason) {
  Door &door = conversation.door;
  const rules::DoorRule rule = rule_of(door);
  smtp::Settings settings;
  settings.host_name = settings_.host_name;
  settings.postmaster = policy_.postmaster(door.zone, door.port, settings_.host_name);
  settings.size_limit = policy_.size_limit(door.zone);
  settings.limits.recipients = or_else(rule.recipients_a_mail, settings.limits.recipients);
  settings.limits.errors = or_else(rule.errors_a_session, settings.limits.errors);
  if (rule.tls != rules::DoorTls::off)
    settings.tls = rule.tls == rules::DoorTls::required ? smtp::StartTlsUse::required : smtp::StartTlsUse::offered;
  settings.client_certificate = !rule.client_ca.empty();
  smtp::FindRoute find = [this, &conversation](const smtp::Offer &offer) { return judge(conversation, offer); };
  smtp::MayBegin may = [this, &conversation](std::string_view) { return may_begin(conversation); };
  conversation.session.emplace(std::move(settings), std::move(find), std::move(may));
  if (reason != Reason::none) conversation.session->hang_up(reason);
}

Reason Doors::may_begin(Conversation &conversation) {
  Door &door = conversation.door;
  return door.mails.take(conversation.ip, rule_of(door).mails_a_minute, SteadyClock::now());
}

/// One recipient, when all that the rules say of it is good: then how many there were, and whether it came before.
smtp::Route Doors::judge(Conversation &conversation, const smtp::Offer &offer) {
  Door &door = conversation.door;
  const UnixSeconds now = unix_now();
  smtp::Route route = policy_.route(door.zone, door.port, conversation.ip, offer, now);
  if (route.reason != Reason::none) return route;
  route.reason = door.recipients.take(conversation.ip, rule_of(door).recipients_a_minute, SteadyClock::now());
  const rules::Relay *relay = policy_.relay_named(policy_.route_name(route.relay));
  if (route.reason == Reason::none && relay && relay->door.greylist > 0)
    route.reason = greylist_.ask(conversation.ip, offer.from, offer.recipient, relay->door.greylist, now);
  return route;
}

void Doors::policy_changed() {
  for (Conversation &conversation : conversations_)
    if (policy_.is_severed(conversation.door.zone)) end(conversation, Reason::mail_zone_severed);
}

void Doors::shut() {
  shut_ = true;
  NetError ignored;
  for (Door &door : doors_) door.acceptor.cancel(ignored);
  for (Conversation &conversation : conversations_) end(conversation, Reason::gateway_stopping);
  keep_greylist();
}

/// Wakes the conversation so that it says 421 and ends; a second time, or when it does not listen, closes it.
void Doors::end(Conversation &conversation, Reason reason) {
  conversation.pause.cancel();
  if (conversation.hang_up != Reason::none) {
    conversation.over = true;
    conversation.stream.close();
    return;
  }
  conversation.hang_up = reason;
  if (conversation.busy) return; // its mail is answered first
  conversation.deadline = conversation.last_moment = SteadyClock::now() + last_words;
  conversation.stream.cancel();
}

void Doors::tell_refusals(Conversation &conversation) {
  if (!conversation.session) return;
  for (smtp::Refusal &refusal : conversation.session->take_refusals()) {
    counters_.count(refusal.reason);
    const events::Door door{name_of(conversation.door), conversation.client, conversation.session->helo()};
    if (std::string event = refusals_.add(door, std::move(refusal)); !event.empty()) recorder_.tell(std::move(event));
  }
}

void Doors::flush_refusals() {
  for (std::string &sum : refusals_.take_sums()) recorder_.tell(std::move(sum));
}

/// Above three quarters of what it may have, and above seven eighths; of what all doors may have too.
Doors::Crowding Doors::crowding_of(const Door &door) const {
  const auto crowding = [](std::size_t count, std::size_t most) {
    return count * 8 > most * 7 ? Crowding::all : count * 4 > most * 3 ? Crowding::idle : Crowding::none;
  };
  return std::max(crowding(door.connections.count(), or_else(rule_of(door).connections, settings_.connections)),
                  crowding(conversations_.size(), settings_.most_connections));
}

SteadyClock::time_point Doors::end_of(const Conversation &conversation) {
  const SteadyClock::time_point end = std::min(conversation.deadline, conversation.last_moment);
  if (conversation.hang_up != Reason::none) return end; // it has its last words
  const bool in_mail = conversation.session && conversation.session->in_mail();
  const bool is_short = conversation.door.crowding == Crowding::all || (conversation.door.crowding == Crowding::idle && !in_mail);
  return is_short ? std::min(end, conversation.crowded_deadline) : end;
}

/// Twice a second: whose time is up, and what is to be told in sums.
Task<void> Doors::watch() {
  while (true) {
    timer_.expires_after(500ms);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
    const auto now = SteadyClock::now();
    for (Door &door : doors_) door.crowding = crowding_of(door);
    for (Conversation &conversation : conversations_)
      if (!conversation.busy && end_of(conversation) < now)
        end(conversation, Reason::session_timeout);
    if (now >= next_keep_) keep_greylist();
    if (now < next_flush_) continue;
    next_flush_ = now + flush_every;
    flush_refusals();
  }
}

void Doors::keep_greylist() {
  next_keep_ = SteadyClock::now() + keep_every;
  greylist_file_.keep(greylist_);
}

} // namespace sekisho::relay
