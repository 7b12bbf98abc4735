// One conversation at a door, from the balancer's header to the last word.
#include "gateway/relay/doors.hh"

#include "gateway/smtp/proxy.hh"

#include <algorithm>
#include <array>
#include <utility>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t fair_share = 1000; // octets of a mail that put its deadline off
constexpr auto last_words = 3s;          // to take in a 421
constexpr std::size_t most_delays = 5;   // of one tarpit: a reply is never later than a peer waits

} // namespace

Task<void> Doors::converse(Place place) {
  co_await serve(*place);
  tell_refusals(*place);
  if (!place->over) {
    place->deadline = SteadyClock::now() + last_words;
    co_await place->stream.finish();
  }
  weigh(*place, 0);
  if (place->is_counted) place->door.connections.leave(place->ip);
  conversations_.erase(place);
}

Task<void> Doors::serve(Conversation &conversation) {
  Reason reason = Reason::none;
  if (is_balancer(rule_of(conversation.door), conversation.ip))
    reason = co_await read_proxy_header(conversation);
  if (conversation.over) co_return;
  if (!conversation.session) begin(conversation, reason != Reason::none ? reason : may_enter(conversation));
  if (conversation.hang_up == Reason::none && conversation.stream.has_input() && !co_await read(conversation)) co_return;
  while (true) {
    smtp::Action action = conversation.session->next();
    if (auto *send = std::get_if<smtp::Send>(&action)) {
      tell_refusals(conversation); // counted and told before the peer hears of it
      conversation.has_answered = true;
      smtp::Send words = std::move(*send);
      if (!co_await say(conversation, std::move(words))) co_return;
    } else if (auto *ready = std::get_if<smtp::MailReady>(&action)) {
      co_await hand_over(conversation, std::move(ready->mail));
    } else if (std::holds_alternative<smtp::NeedInput>(action)) {
      if (!co_await read(conversation)) co_return;
    } else if (std::holds_alternative<smtp::StartTls>(action)) {
      co_await start_tls(conversation);
    } else {
      co_return;
    }
  }
}

/// What comes behind the header in the same stretch has not waited for a greeting.
Task<Reason> Doors::read_proxy_header(Conversation &conversation) {
  smtp::ProxyReader reader;
  std::array<std::byte, smtp::max_proxy_header> octets;
  std::span<const std::byte> rest;
  conversation.deadline = SteadyClock::now() + steady(settings_.proxy_wait);
  while (reader.state() == smtp::ProxyReader::State::reading) {
    std::span<std::byte> room(octets);
    Stream::Came came = co_await conversation.stream.read(room);
    if (came.error) co_return Reason::proxy_header_bad;
    rest = came.octets.subspan(reader.feed(came.octets));
  }
  if (reader.state() == smtp::ProxyReader::State::broken) co_return Reason::proxy_header_bad;
  if (reader.client()) {
    conversation.ip = *reader.client();
    conversation.client = to_string(conversation.ip);
  }
  await_mail(conversation);
  if (rest.empty()) co_return Reason::none;
  begin(conversation, may_enter(conversation));
  conversation.session->feed(rest);
  co_return Reason::none;
}

/// False: the peer is gone.  A wait that was cut short by end() is no error: the session says its last words.
Task<bool> Doors::read(Conversation &conversation) {
  if (!conversation.stream.has_waited()) // whoever sends without end lets the others have their turn
    co_await net::post(loop_, net::use_awaitable);
  if (conversation.hang_up == Reason::none) {
    put_off_deadline(conversation);
    Stream::Came came = co_await conversation.stream.read(room_);
    conversation.unrewarded += came.octets.size();
    if (!came.error) conversation.session->feed(came.octets);
    else if (conversation.hang_up == Reason::none || conversation.over) co_return false;
    weigh(conversation, conversation.session->mail_octets());
  }
  take_hang_up(conversation);
  co_return !conversation.over;
}

/// Peers that all send large mails slowly must not take more memory than there is: the largest gives its place up first, so that
/// mails of usual size come through whatever others do.
void Doors::weigh(Conversation &conversation, std::size_t octets) {
  octets_ += octets - std::exchange(conversation.octets, octets);
  while (octets_ > settings_.memory_at_doors) {
    Conversation *largest = nullptr;
    for (Conversation &one : conversations_)
      if (!one.busy && one.octets > (largest ? largest->octets : 0)) largest = &one;
    if (!largest) return; // the rest is on its way to the disk
    largest->session->drop_mail(Reason::spool_full);
    octets_ -= std::exchange(largest->octets, 0);
  }
}

/// Where the door is crowded no other command puts it off: who has the place is to use it.
void Doors::await_mail(Conversation &conversation) {
  const auto now = SteadyClock::now();
  conversation.deadline = now + steady(settings_.command_wait);
  conversation.crowded_deadline = now + steady(settings_.crowded_wait);
}

/// RFC 5321 §4.5.3.2 by commands and blocks, not by octets: who drips is no better than who is silent.
void Doors::put_off_deadline(Conversation &conversation) {
  const bool in_data = conversation.session->in_data();
  if (!conversation.has_answered && !(in_data && conversation.unrewarded >= fair_share)) return;
  conversation.has_answered = false;
  conversation.unrewarded = 0;
  const auto now = SteadyClock::now();
  conversation.deadline = now + steady(in_data ? settings_.data_wait : settings_.command_wait);
  if (conversation.session->in_mail())
    conversation.crowded_deadline = now + steady(in_data ? settings_.crowded_data_wait : settings_.crowded_wait);
}

void Doors::take_hang_up(Conversation &conversation) {
  if (conversation.hang_up == Reason::none) return;
  conversation.session->hang_up(conversation.hang_up);
  conversation.deadline = SteadyClock::now() + last_words;
}

/// A refusal comes the later the more of them there are in these replies, where the rule has a tarpit.  Whoever was not let in is in no
/// count, and is not kept: he would take the room of those who are.
Task<bool> Doors::say(Conversation &conversation, smtp::Send send) {
  const Seconds delay(rule_of(conversation.door).tarpit * static_cast<double>(std::min(send.refusals, most_delays)));
  if (delay.count() > 0 && conversation.is_counted && conversation.hang_up == Reason::none) {
    conversation.deadline = SteadyClock::now() + steady(delay + settings_.command_wait);
    conversation.crowded_deadline += steady(delay);
    conversation.pause.expires_after(steady(delay));
    co_await conversation.pause.async_wait(as_result);
  }
  NetError error = co_await conversation.stream.write(send.octets);
  co_return !error;
}

Task<void> Doors::start_tls(Conversation &conversation) {
  const auto context = tls_.find(name_of(conversation.door));
  if (context == tls_.end() || conversation.hang_up != Reason::none) {
    conversation.session->tls_failed(conversation.hang_up != Reason::none ? conversation.hang_up : Reason::tls_failed);
    co_return;
  }
  std::shared_ptr<SSL_CTX> present = context->second; // a reload may bring another one meanwhile
  conversation.deadline = SteadyClock::now() + steady(settings_.handshake_wait);
  Stream::Shaken shaken = co_await conversation.stream.shake_hands(present.get());
  if (!shaken.error) {
    await_mail(conversation);
    conversation.session->tls_started(std::move(shaken.tls));
    co_return;
  }
  const bool in_time = conversation.hang_up == Reason::none || conversation.hang_up == Reason::session_timeout;
  conversation.session->tls_failed(in_time ? Reason::tls_failed : conversation.hang_up);
}

Task<void> Doors::hand_over(Conversation &conversation, smtp::Mail mail) {
  conversation.busy = true;
  const std::string relay = policy_.route_name(mail.relay);
  Taken taken = co_await take_mail_(std::move(mail), conversation.client, relay);
  conversation.busy = false;
  weigh(conversation, 0);
  await_mail(conversation);
  if (conversation.hang_up != Reason::none) conversation.last_moment = SteadyClock::now() + last_words;
  if (taken.reason == Reason::none) conversation.session->kept(taken.receipt);
  else conversation.session->not_kept(taken.reason);
}

} // namespace sekisho::relay
