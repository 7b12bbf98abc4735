#include "gateway/relay/recorder.hh"

#include "base/check.hh"
#include "base/log.hh"

#include <fcntl.h>

#include <algorithm>
#include <random>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr auto patience = 10s; // for one answer of the record
constexpr auto again_after = 500ms;

} // namespace

Recorder::Recorder(net::io_context &loop, role::Channel channel, SteadyClock::duration order_wait)
    : loop_(loop), channel_(channel), descriptor_(loop), timer_(loop), order_wait_(order_wait) {
  if (!channel_) return;
  // answers to a dead predecessor's events may still be on the way: they must not be taken for ours
  next_id_ = std::random_device()();
  // a copy of the descriptor: Asio closes what it owns, the channel is the supervisor's
  const int copy = ::fcntl(channel_.fd(), F_DUPFD_CLOEXEC, 0);
  CHECK(copy >= 0);
  descriptor_.assign(copy);
  start(loop_, read_answers());
  start(loop_, watch());
}

void Recorder::tell(std::string event) {
  if (channel_) push({role::MessageType::event, 0, std::move(event)});
}

Task<void> Recorder::tell_until_kept(std::string event) {
  while (channel_) {
    const bool kept = co_await tell_and_wait(event);
    failing_ = !kept;
    if (kept) co_return;
    net::steady_timer pause(loop_, again_after);
    co_await pause.async_wait(as_result);
  }
}

Task<bool> Recorder::tell_and_wait(std::string event) {
  const auto until = SteadyClock::now() + patience;
  const Told told = co_await tell(std::move(event), until);
  co_return told.kept;
}

Task<bool> Recorder::tell_within(std::string event, SteadyClock::time_point until) {
  if (choked() || failing() || SteadyClock::now() >= until) co_return false;
  const Told told = co_await tell(std::move(event), until);
  if (!told.kept) withdraw(told.id);
  co_return told.kept;
}

Task<Recorder::Told> Recorder::tell(std::string event, SteadyClock::time_point until) {
  if (!channel_) co_return Told{0, true};
  auto waiter = std::make_shared<Waiter<bool>>(loop_);
  const std::uint32_t id = next_id_++;
  open_[id] = {waiter, until};
  push({role::MessageType::event_acked, id, std::move(event)});
  const bool kept = co_await waiter->wait();
  co_return Told{id, kept};
}

/// What was not sent yet need not be sent any more.
void Recorder::withdraw(std::uint32_t id) {
  const auto found = std::ranges::find_if(
      waiting_, [id](const Item &item) { return item.type == role::MessageType::event_acked && item.id == id; });
  if (found == waiting_.end()) return;
  waiting_octets_ -= found->event.size();
  waiting_.erase(found);
}

void Recorder::push(Item item) {
  waiting_octets_ += item.event.size();
  waiting_.push_back(std::move(item));
  send_waiting();
}

void Recorder::send_waiting() {
  while (!waiting_.empty() && !writing_) {
    const Item &item = waiting_.front();
    if (!channel_.send(item.type, item.id, item.event)) {
      if (item.event.size() > role::max_message_text) {
        log_error("an event above the limit was left out");
      } else {
        writing_ = true;
        start(loop_, write_when_ready());
        return;
      }
    }
    waiting_octets_ -= item.event.size();
    waiting_.pop_front();
  }
}

Task<void> Recorder::write_when_ready() {
  auto [error] = co_await descriptor_.async_wait(net::posix::stream_descriptor::wait_write, as_result);
  if (error) co_return;
  writing_ = false;
  if (waiting_.empty()) co_return;
  const Item &item = waiting_.front();
  if (!channel_.send(item.type, item.id, item.event)) { // writable, yet not for so much: ask again soon
    writing_ = true;
    net::steady_timer pause(loop_, 2ms);
    co_await pause.async_wait(as_result);
    start(loop_, write_when_ready());
    co_return;
  }
  waiting_octets_ -= item.event.size();
  waiting_.pop_front();
  send_waiting();
}

Task<void> Recorder::read_answers() {
  while (true) {
    auto [error] = co_await descriptor_.async_wait(net::posix::stream_descriptor::wait_read, as_result);
    if (error) co_return;
    for (auto message = channel_.receive(0); message; message = channel_.receive(0)) {
      auto open = open_.find(message->id);
      if (open == open_.end()) continue;
      auto waiter = open->second.waiter;
      open_.erase(open);
      waiter->finish(message->type == role::MessageType::done);
    }
  }
}

/// Ends waits that took too long.
Task<void> Recorder::watch() {
  while (true) {
    timer_.expires_after(500ms);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
    const auto now = SteadyClock::now();
    std::erase_if(open_, [now](const auto &one) {
      if (one.second.until >= now) return false;
      one.second.waiter->finish(false);
      return true;
    });
  }
}

} // namespace sekisho::relay
