#include "gateway/relay/courier.hh"

#include <array>

namespace sekisho::relay {
namespace {

constexpr std::size_t read_size = 4096;

} // namespace

Delivery Courier::nothing(const smtp::Outgoing &outgoing, const std::string &trouble) {
  return {std::vector<smtp::Answer>(outgoing.recipients.size()), trouble};
}

void Courier::set_next_hop(const Tcp::endpoint &next_hop) {
  if (next_hop == next_hop_) return;
  next_hop_ = next_hop;
  for (Conversation &conversation : conversations_) conversation.idle.cancel();
}

Task<Delivery> Courier::deliver(smtp::Outgoing outgoing) {
  auto waiter = std::make_shared<Waiter<Delivery>>(loop_);
  jobs_.push_back({std::move(outgoing), waiter});
  give_work();
  co_return co_await waiter->wait();
}

/// An idle conversation takes the job, else a new one begins; else it waits for the next that is free.
void Courier::give_work() {
  for (Conversation &conversation : conversations_)
    if (conversation.waiting) {
      conversation.waiting = false;
      conversation.idle.cancel();
      return;
    }
  if (conversations_.size() >= settings_.deliveries_a_relay) return;
  conversations_.push_back({Tcp::socket(loop_), next_hop_, smtp::ClientSession(settings_.host_name),
                            net::steady_timer(loop_)});
  start(loop_, converse(std::prev(conversations_.end())));
}

Task<void> Courier::converse(Place place) {
  std::string trouble = co_await connect(*place);
  if (trouble.empty()) co_await work(*place);
  else fail_jobs(trouble);
  conversations_.erase(place);
  if (!jobs_.empty()) give_work(); // came while this one was leaving
}

/// Everything that waits learns that the next hop cannot be reached; each mail has its own next time.
void Courier::fail_jobs(const std::string &trouble) {
  std::deque<Job> jobs = std::move(jobs_);
  jobs_.clear();
  for (Job &job : jobs) job.waiter->finish(nothing(job.outgoing, trouble));
}

Task<std::string> Courier::connect(Conversation &conversation) {
  if (conversation.ended) co_return "cut off"; // before it began
  conversation.deadline = SteadyClock::now() + steady(settings_.connect_wait);
  auto [error] = co_await conversation.socket.async_connect(conversation.next_hop, as_result);
  if (error) co_return "cannot connect: " + error.message();
  NetError ignored;
  conversation.socket.set_option(Tcp::no_delay(true), ignored);
  smtp::ClientAction action = co_await drive(conversation);
  if (auto *gone = std::get_if<smtp::ClientGone>(&action)) co_return gone->why;
  co_return std::string();
}

Task<void> Courier::work(Conversation &conversation) {
  while (co_await wait_for_job(conversation)) {
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    ++in_hand_;
    conversation.session.deliver(job.outgoing);
    smtp::ClientAction action = co_await drive(conversation);
    --in_hand_;
    if (auto *answered = std::get_if<smtp::ClientAnswered>(&action)) {
      job.waiter->finish({std::move(answered->answers), {}});
      conversation.used = true;
      continue;
    }
    auto *gone = std::get_if<smtp::ClientGone>(&action);
    if (gone && conversation.used && !conversation.ended && !conversation.session.mail_sent()) {
      // the peer closed an idle conversation: a new one takes the mail
      jobs_.push_front(std::move(job));
      co_return;
    }
    job.waiter->finish({gone ? std::move(gone->answers) : std::vector<smtp::Answer>(),
                        gone ? std::move(gone->why) : std::string("lost")});
    co_return;
  }
  conversation.session.quit();
  smtp::ClientAction action = co_await drive(conversation);
  (void)action;
}

Task<bool> Courier::wait_for_job(Conversation &conversation) {
  if (jobs_.empty()) {
    conversation.waiting = true;
    conversation.deadline = SteadyClock::time_point::max();
    conversation.idle.expires_after(steady(settings_.keep_open));
    co_await conversation.idle.async_wait(as_result);
    conversation.waiting = false;
  }
  co_return !jobs_.empty() && !conversation.ended && conversation.next_hop == next_hop_ &&
      conversation.socket.is_open();
}

/// Writes and reads until the session has said its piece: Idle, Answered or Gone.
Task<smtp::ClientAction> Courier::drive(Conversation &conversation) {
  smtp::ClientSession &session = conversation.session;
  std::array<std::byte, read_size> octets;
  while (true) {
    smtp::ClientAction action = session.next();
    if (auto *send = std::get_if<smtp::ClientSend>(&action)) {
      const std::string text = std::move(send->octets);
      conversation.deadline = SteadyClock::now() + steady(settings_.reply_wait);
      net::const_buffer buffer = net::buffer(text);
      auto [error, count] = co_await net::async_write(conversation.socket, buffer, as_result);
      if (error) session.lost("connection lost: " + error.message());
    } else if (std::holds_alternative<smtp::ClientNeedInput>(action)) {
      conversation.deadline = SteadyClock::now() + steady(settings_.last_reply_wait);
      net::mutable_buffer buffer = net::buffer(octets);
      auto [error, count] = co_await conversation.socket.async_read_some(buffer, as_result);
      if (error) session.lost("connection lost: " + error.message());
      else session.feed(Bytes(octets).first(count));
    } else {
      co_return action;
    }
  }
}

void Courier::cut() {
  NetError ignored;
  for (Conversation &conversation : conversations_) {
    conversation.ended = true;
    conversation.socket.close(ignored);
    conversation.idle.cancel();
  }
  fail_jobs("cut off"); // else the next free conversation would take them
}

void Courier::watch() {
  const auto now = SteadyClock::now();
  NetError ignored;
  for (Conversation &conversation : conversations_)
    if (conversation.deadline < now) conversation.socket.close(ignored);
}

} // namespace sekisho::relay
