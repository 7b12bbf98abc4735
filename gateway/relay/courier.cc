#include "gateway/relay/courier.hh"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sekisho::relay {
namespace {

constexpr std::size_t read_size = 16384;
constexpr std::size_t write_size = 65536; // octets whose sending has a time limit of its own
constexpr Seconds quit_wait{1}; // its answer says nothing; until then the conversation keeps its place, for the peer counts it too
constexpr auto peer_takes_for = std::chrono::minutes(5); // then it is asked for more conversations again

Delivery nothing(std::string trouble, Reason reason = Reason::next_hop_unreachable) {
  Delivery delivery;
  delivery.trouble = std::move(trouble);
  delivery.reason = reason;
  return delivery;
}

Delivery withheld() {
  Delivery delivery;
  delivery.withheld = true;
  return delivery;
}

smtp::ClientSettings client_settings(const RelaySettings &settings, const HopWay &way) {
  return {settings.host_name, way.tls, !way.trust.pins.empty() || !way.trust.authority.empty(), way.user,
          way.password};
}

} // namespace

void Courier::set_way(HopWay way) {
  if (way_number_ > 0 && way == way_) return;
  way_ = std::move(way);
  ++way_number_;
  context_.reset();
  context_trouble_.clear();
  if (way_.tls != smtp::ClientTls::off) {
    auto made = TlsContext::make(way_.trust);
    if (made) context_ = std::move(*made);
    else context_trouble_ = made.error().what;
  }
  for (Conversation &conversation : conversations_) conversation.idle.cancel();
}

Task<Delivery> Courier::deliver(smtp::Outgoing outgoing, MayGo may_go, bool is_last_hope) {
  if (!co_await take_pace(may_go)) co_return nothing("cut off");
  if (!may_go()) co_return withheld();
  if (!context_trouble_.empty()) co_return nothing(context_trouble_, Reason::next_hop_tls_failed);
  auto waiter = std::make_shared<Waiter<Delivery>>(loop_);
  jobs_.push_back({std::move(outgoing), std::move(may_go), waiter, is_last_hope});
  give_work();
  co_return co_await waiter->wait();
}

/// So many a minute: each mail has its place in it; a second's worth may go at once.  False: cut off meanwhile.
Task<bool> Courier::take_pace(const MayGo &may_go) {
  if (way_.mails_per_minute == 0) co_return true;
  const auto now = SteadyClock::now();
  const auto step = steady(Seconds(60.0 / static_cast<double>(way_.mails_per_minute)));
  next_turn_ = std::max(next_turn_ + step, now - steady(Seconds(1)));
  if (next_turn_ <= now) co_return true;
  const std::uint64_t cuts = cuts_;
  const auto place = pacing_.insert(pacing_.end(), Pacing{net::steady_timer(loop_, next_turn_), may_go});
  co_await place->timer.async_wait(as_result);
  pacing_.erase(place);
  co_return cuts == cuts_;
}

/// An idle conversation takes the job, else a new one begins; else it waits for the next that is free.
void Courier::give_work() {
  for (Conversation &conversation : conversations_)
    if (conversation.waiting) {
      conversation.waiting = false;
      conversation.idle.cancel();
      return;
    }
  if (conversations_.size() >= most_at_once()) return;
  conversations_.push_back({Tcp::socket(loop_), way_number_, way_, context_,
                            smtp::ClientSession(client_settings(settings_, way_)), net::steady_timer(loop_)});
  conversations_.back().is_last_hope = jobs_.back().is_last_hope;
  start(loop_, converse(std::prev(conversations_.end())));
}

Task<void> Courier::converse(Place place) {
  Delivery failed;
  const bool connected = co_await connect(*place, failed);
  if (connected) co_await work(*place);
  conversations_.erase(place);
  if (!connected) {
    const auto others = std::ranges::count(conversations_, false, &Conversation::ended); // the last that fails fails for all
    if (others == 0) fail_jobs(failed);
    peer_takes_ = static_cast<std::size_t>(others); // so many it serves: they carry what waits
    peer_takes_until_ = SteadyClock::now() + peer_takes_for;
  }
  if (!jobs_.empty()) give_work(); // came while this one was leaving
}

std::size_t Courier::most_at_once() const {
  if (peer_takes_ == 0 || SteadyClock::now() >= peer_takes_until_) return way_.connections;
  return std::min(way_.connections, peer_takes_);
}

/// Everything that waits learns that the next hop cannot be reached; each mail has its own next time.
void Courier::fail_jobs(const Delivery &failed) {
  std::deque<Job> jobs = std::move(jobs_);
  jobs_.clear();
  for (Job &job : jobs) {
    Delivery delivery = failed;
    delivery.answers.resize(job.outgoing.recipients.size());
    job.waiter->finish(std::move(delivery));
  }
}

/// False: `failed` says why.
Task<bool> Courier::connect(Conversation &conversation, Delivery &failed) {
  failed = nothing("cut off");
  if (conversation.ended) co_return false; // before it began
  conversation.deadline = SteadyClock::now() + steady(settings_.connect_wait);
  auto [error] = co_await conversation.socket.async_connect(conversation.under.endpoint, as_result);
  if (error) {
    failed = nothing("cannot connect: " + error.message());
    co_return false;
  }
  NetError ignored;
  conversation.socket.set_option(Tcp::no_delay(true), ignored);
  conversation.deadline = SteadyClock::now() + steady(patience_with(conversation));
  smtp::ClientAction action = co_await drive(conversation);
  conversation.begun = true;
  auto *gone = std::get_if<smtp::ClientGone>(&action);
  if (gone) failed = nothing(gone->why, gone->reason);
  co_return gone == nullptr;
}

Task<void> Courier::work(Conversation &conversation) {
  while (co_await wait_for_job(conversation)) {
    const bool is_used_again = conversation.carried > 0 || conversation.rested;
    if (is_used_again && has_left(conversation)) co_return; // while nothing was asked of it: a new one takes the mail
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    if (!job.may_go()) {
      job.waiter->finish(withheld());
      continue;
    }
    ++in_hand_;
    conversation.session.deliver(job.outgoing);
    smtp::ClientAction action = co_await drive(conversation);
    --in_hand_;
    Delivery delivery;
    delivery.knows_dsn = conversation.session.offers_dsn();
    if (conversation.tls) delivery.tls = conversation.tls->words();
    if (auto *answered = std::get_if<smtp::ClientAnswered>(&action)) {
      delivery.answers = std::move(answered->answers);
      job.waiter->finish(std::move(delivery));
      ++conversation.carried;
      continue;
    }
    auto *gone = std::get_if<smtp::ClientGone>(&action);
    const bool is_said = gone && std::ranges::any_of(gone->answers, [](const smtp::Answer &answer) { return answer.code == 421; });
    if (gone && gone->reason != Reason::none && is_used_again && !is_said && !conversation.ended && !conversation.session.mail_sent()) {
      // it hung up while the mail was on its way to it
      jobs_.push_front(std::move(job));
      co_return;
    }
    delivery.trouble = gone ? std::move(gone->why) : std::string("lost");
    delivery.reason = gone ? gone->reason : Reason::next_hop_unreachable;
    delivery.may_be_taken = conversation.session.mail_sent();
    if (gone) delivery.answers = std::move(gone->answers);
    job.waiter->finish(std::move(delivery));
    co_return;
  }
  conversation.leaving = true;
  conversation.session.quit();
  smtp::ClientAction action = co_await drive(conversation);
  (void)action;
}

bool Courier::takes_more(const Conversation &conversation) const {
  const std::size_t most = conversation.under.mails_per_connection;
  return !conversation.ended && conversation.way == way_number_ && conversation.socket.is_open() &&
         (most == 0 || conversation.carried < most) && conversations_.size() <= way_.connections;
}

Task<bool> Courier::wait_for_job(Conversation &conversation) {
  if (jobs_.empty() && takes_more(conversation)) {
    conversation.waiting = conversation.rested = true;
    conversation.deadline = SteadyClock::time_point::max();
    conversation.idle.expires_after(steady(settings_.keep_open));
    co_await conversation.idle.async_wait(as_result);
    conversation.waiting = false;
  }
  co_return !jobs_.empty() && takes_more(conversation);
}

/// Writes and reads until the session has said its piece: Idle, Answered or Gone.
Task<smtp::ClientAction> Courier::drive(Conversation &conversation) {
  while (true) {
    smtp::ClientAction action = conversation.session.next();
    if (auto *octets = std::get_if<smtp::ClientSend>(&action)) {
      std::string text = std::move(octets->octets);
      co_await send(conversation, std::move(text));
    } else if (std::holds_alternative<smtp::ClientNeedInput>(action)) {
      co_await receive(conversation);
    } else if (std::holds_alternative<smtp::ClientStartTls>(action)) {
      co_await shake_hands(conversation);
    } else {
      co_return action;
    }
  }
}

/// Empty, or what went wrong.
Task<std::string> Courier::write_raw(Conversation &conversation, std::string octets) {
  net::const_buffer buffer = net::buffer(octets);
  auto [error, count] = co_await net::async_write(conversation.socket, buffer, as_result);
  co_return error ? "connection lost: " + error.message() : std::string();
}

/// RFC 5321 §4.5.3.2.1 gives a peer five minutes for its greeting.  One that says nothing for so long is as good as away where
/// another next hop takes the mail meanwhile.
Seconds Courier::patience_with(const Conversation &conversation) const {
  if (conversation.leaving) return quit_wait;
  if (conversation.session.mail_sent()) return settings_.last_reply_wait;
  return conversation.begun || conversation.is_last_hope ? settings_.reply_wait : std::min(settings_.connect_wait, settings_.reply_wait);
}

/// A peer that takes a piece now and then is slow, not silent; the time for its answer begins when all is sent.
Task<void> Courier::send(Conversation &conversation, std::string octets) {
  std::string trouble;
  for (std::size_t sent = 0; sent < octets.size() && trouble.empty(); sent += write_size) {
    conversation.deadline = SteadyClock::now() + steady(std::min(settings_.reply_wait, patience_with(conversation)));
    std::string piece = octets.substr(sent, write_size);
    if (conversation.tls) {
      const bool good = conversation.tls->write(piece);
      piece = conversation.tls->take_output();
      if (!good) trouble = conversation.tls->trouble();
    }
    if (trouble.empty()) trouble = co_await write_raw(conversation, std::move(piece));
  }
  if (!trouble.empty()) conversation.session.cut_short(as_bytes(said_by_now(conversation)), trouble);
  conversation.deadline = SteadyClock::now() + steady(patience_with(conversation));
}

/// The peer said good-bye, or nothing, and closed (RFC 5321 §3.8, §4.5.3.2).
bool Courier::has_left(Conversation &conversation) {
  if (conversation.session.spoke_unasked()) return true;
  char octet = 0;
  const ssize_t waiting = ::recv(conversation.socket.native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  if (waiting < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  if (waiting == 0 || !conversation.tls) return true;
  const std::string said = said_by_now(conversation); // else TLS has something of its own to tell
  return !said.empty() || !conversation.tls->trouble().empty();
}

/// What came and was not read yet.
std::string Courier::said_by_now(Conversation &conversation) {
  std::array<std::byte, read_size> octets;
  NetError error;
  const std::size_t waiting = std::min(conversation.socket.available(error), octets.size());
  if (error || waiting == 0) return {};
  const std::size_t count = conversation.socket.read_some(net::buffer(octets, waiting), error);
  const Bytes came = Bytes(octets).first(error ? 0 : count);
  if (!conversation.tls) return std::string(as_chars(came));
  std::string plain;
  (void)conversation.tls->read(came, plain);
  return plain;
}

Task<void> Courier::receive(Conversation &conversation) {
  std::array<std::byte, read_size> octets;
  net::mutable_buffer buffer = net::buffer(octets);
  auto [error, count] = co_await conversation.socket.async_read_some(buffer, as_result);
  if (error) co_return conversation.session.lost("connection lost: " + error.message());
  const Bytes came = Bytes(octets).first(count);
  if (!conversation.tls) co_return conversation.session.feed(came);
  std::string plain;
  const bool good = conversation.tls->read(came, plain);
  conversation.session.feed(as_bytes(plain));
  if (!good) conversation.session.lost(conversation.tls->trouble());
}

Task<void> Courier::shake_hands(Conversation &conversation) {
  conversation.deadline = SteadyClock::now() + steady(settings_.connect_wait);
  auto tls = std::make_unique<TlsOut>(conversation.context);
  std::array<std::byte, read_size> octets;
  std::size_t came = 0;
  while (true) {
    const TlsOut::Progress progress = tls->shake(Bytes(octets).first(came));
    std::string out = tls->take_output();
    if (!out.empty()) {
      const std::string trouble = co_await write_raw(conversation, std::move(out));
      if (!trouble.empty() && progress != TlsOut::Progress::failed)
        co_return conversation.session.lost("TLS: " + trouble, Reason::next_hop_tls_failed);
    }
    if (progress == TlsOut::Progress::failed) co_return conversation.session.lost(tls->trouble(), tls->reason());
    if (progress == TlsOut::Progress::secured) break;
    net::mutable_buffer buffer = net::buffer(octets);
    auto [error, count] = co_await conversation.socket.async_read_some(buffer, as_result);
    if (error) co_return conversation.session.lost("TLS: " + error.message(), Reason::next_hop_tls_failed);
    came = count;
  }
  conversation.tls = std::move(tls);
  conversation.session.secured();
}

void Courier::cut() {
  ++cuts_;
  NetError ignored;
  for (Conversation &conversation : conversations_) {
    conversation.ended = true;
    conversation.socket.close(ignored);
    conversation.idle.cancel();
  }
  for (Pacing &pacing : pacing_) pacing.timer.cancel();
  next_turn_ = std::min(next_turn_, SteadyClock::now()); // theirs are free
  fail_jobs(nothing("cut off")); // else the next free conversation would take them
}

void Courier::watch() {
  const auto now = SteadyClock::now();
  NetError ignored;
  for (Conversation &conversation : conversations_)
    if (conversation.deadline < now) conversation.socket.close(ignored);
  for (Pacing &pacing : pacing_)
    if (!pacing.may_go()) pacing.timer.cancel();
  std::erase_if(jobs_, [](const Job &job) {
    if (job.may_go()) return false;
    job.waiter->finish(withheld());
    return true;
  });
}

} // namespace sekisho::relay
