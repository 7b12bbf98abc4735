#include "gateway/relay/doors.hh"

#include "base/check.hh"
#include "base/log.hh"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t most_floods = 1000;
constexpr auto flush_every = 10s;
constexpr auto last_words = 3s; // to take in a 421

std::string address_of(const Tcp::socket &socket) {
  NetError error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return {};
  if (peer.address().is_v6() && peer.address().to_v6().is_v4_mapped())
    return net::ip::make_address_v4(net::ip::v4_mapped, peer.address().to_v6()).to_string();
  return peer.address().to_string();
}

} // namespace

void start(net::io_context &loop, Task<void> task) {
  net::co_spawn(loop, std::move(task), [](std::exception_ptr thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
}

Doors::Doors(net::io_context &loop, const RelaySettings &settings, Policy &policy, Counters &counters,
             Recorder &recorder, TakeMail take_mail)
    : loop_(loop), settings_(settings), policy_(policy), counters_(counters), recorder_(recorder),
      take_mail_(std::move(take_mail)), timer_(loop), next_flush_(SteadyClock::now() + flush_every) {
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
  doors_.push_back({std::move(acceptor), zone, port, relay});
  start(loop_, accept(doors_.back()));
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
  NetError ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  std::string client = address_of(socket);
  smtp::Settings settings;
  settings.host_name = settings_.host_name;
  settings.size_limit = policy_.size_limit(door.zone);
  smtp::FindRoute find = [this, zone = door.zone](const smtp::Offer &offer) {
    return policy_.route(zone, offer.recipient, unix_now());
  };
  const Reason reason = may_enter(door, client);
  conversations_.push_back({std::move(socket), door.zone, door.relay, std::move(client),
                            smtp::Session(std::move(settings), std::move(find)), SteadyClock::now(),
                            SteadyClock::now() + steady(settings_.conversation)});
  Conversation &conversation = conversations_.back();
  conversation.deadline = SteadyClock::now() + steady(settings_.command_wait);
  if (reason != Reason::none) conversation.session.hang_up(reason);
  start(loop_, converse(std::prev(conversations_.end())));
}

Reason Doors::may_enter(const Door &door, const std::string &client) const {
  if (policy_.is_severed(door.zone)) return Reason::mail_zone_severed;
  if (!policy_.serves(door.zone, door.port)) return Reason::relay_denied;
  if (conversations_.size() >= settings_.connections) return Reason::too_many_connections;
  const auto of_client = std::count_if(conversations_.begin(), conversations_.end(),
                                       [&](const Conversation &other) { return other.client == client; });
  if (static_cast<std::size_t>(of_client) >= settings_.connections_a_client)
    return Reason::too_many_connections;
  return Reason::none;
}

Task<void> Doors::converse(Place place) {
  co_await serve(*place);
  tell_refusals(*place);
  NetError ignored;
  place->socket.shutdown(Tcp::socket::shutdown_both, ignored);
  conversations_.erase(place);
}

Task<void> Doors::serve(Conversation &conversation) {
  NetError error;
  if (conversation.socket.available(error) > 0 && !co_await read(conversation)) co_return;
  while (true) {
    smtp::Action action = conversation.session.next();
    if (auto *send = std::get_if<smtp::Send>(&action)) {
      tell_refusals(conversation); // counted and told before the peer hears of it
      if (!co_await write(conversation, std::move(send->octets))) co_return;
    } else if (auto *ready = std::get_if<smtp::MailReady>(&action)) {
      co_await hand_over(conversation, std::move(ready->mail));
    } else if (std::holds_alternative<smtp::NeedInput>(action)) {
      if (!co_await read(conversation)) co_return;
    } else {
      co_return;
    }
  }
}

/// False: the peer is gone.  A wait that was cut short by end() is no error: the session says its last words.
Task<bool> Doors::read(Conversation &conversation) {
  if (conversation.hang_up == Reason::none) {
    const Seconds wait = conversation.session.in_data() ? settings_.data_wait : settings_.command_wait;
    conversation.deadline = SteadyClock::now() + steady(wait);
    std::array<std::byte, read_size> octets;
    net::mutable_buffer buffer = net::buffer(octets);
    auto [error, count] = co_await conversation.socket.async_read_some(buffer, as_result);
    if (!error) conversation.session.feed(Bytes(octets).first(count));
    else if (conversation.hang_up == Reason::none || conversation.over) co_return false;
  }
  if (conversation.hang_up != Reason::none) {
    conversation.session.hang_up(conversation.hang_up);
    conversation.deadline = SteadyClock::now() + last_words;
  }
  co_return !conversation.over;
}

Task<bool> Doors::write(Conversation &conversation, std::string octets) {
  net::const_buffer buffer = net::buffer(octets);
  auto [error, count] = co_await net::async_write(conversation.socket, buffer, as_result);
  co_return !error;
}

Task<void> Doors::hand_over(Conversation &conversation, smtp::Mail mail) {
  conversation.busy = true;
  const std::string relay = policy_.route_name(mail.relay);
  Taken taken = co_await take_mail_(std::move(mail), conversation.client, relay);
  conversation.busy = false;
  conversation.deadline = SteadyClock::now() + steady(settings_.command_wait);
  if (taken.reason == Reason::none) conversation.session.kept(taken.receipt);
  else conversation.session.not_kept(taken.reason);
}

void Doors::policy_changed() {
  for (Conversation &conversation : conversations_)
    if (policy_.is_severed(conversation.zone)) end(conversation, Reason::mail_zone_severed);
}

void Doors::shut() {
  shut_ = true;
  NetError ignored;
  for (Door &door : doors_) door.acceptor.cancel(ignored);
  for (Conversation &conversation : conversations_) end(conversation, Reason::gateway_stopping);
}

/// Wakes the conversation so that it says 421 and ends; a second time, or when it does not listen, closes it.
void Doors::end(Conversation &conversation, Reason reason) {
  NetError ignored;
  if (conversation.hang_up != Reason::none) {
    conversation.over = true;
    conversation.socket.close(ignored);
    return;
  }
  conversation.hang_up = reason;
  if (conversation.busy) return; // its mail is answered first
  conversation.deadline = SteadyClock::now() + last_words;
  conversation.socket.cancel(ignored);
}

void Doors::tell_refusals(Conversation &conversation) {
  for (const smtp::Refusal &refusal : conversation.session.take_refusals()) {
    counters_.count(refusal.reason);
    tell_refusal(conversation, refusal);
  }
}

void Doors::tell_refusal(const Conversation &conversation, const smtp::Refusal &refusal) {
  const events::Door door{conversation.relay, conversation.client, {}};
  std::string client = floods_.size() < most_floods ? conversation.client : std::string();
  auto [flood, first] = floods_.try_emplace({std::move(client), refusal.reason});
  flood->second.door = door;
  flood->second.last = refusal;
  if (first) recorder_.tell(events::refused(door, refusal, 1));
  else ++flood->second.untold;
}

void Doors::flush_refusals() {
  for (const auto &[key, flood] : floods_)
    if (flood.untold > 0) recorder_.tell(events::refused(flood.door, flood.last, flood.untold));
  floods_.clear();
}

/// Twice a second: whose time is up, and what is to be told in sums.
Task<void> Doors::watch() {
  while (true) {
    timer_.expires_after(500ms);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
    const auto now = SteadyClock::now();
    for (Conversation &conversation : conversations_)
      if (!conversation.busy && std::min(conversation.deadline, conversation.last_moment) < now)
        end(conversation, Reason::session_timeout);
    if (now < next_flush_) continue;
    next_flush_ = now + flush_every;
    flush_refusals();
  }
}

} // namespace sekisho::relay
