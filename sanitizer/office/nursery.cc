#include "sanitizer/office/nursery.hh"

#include "base/clock.hh"
#include "base/log.hh"
#include "sanitizer/office/jails.hh"
#include "sanitizer/office/worker.hh"
#include "sanitizer/worker/frames.hh"
#include "sanitizer/worker/program.hh"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sekisho::office {
namespace {

using client::Received;
using client::protocol::Frame;

constexpr std::uint64_t millisecond = 1'000'000;
constexpr std::uint64_t ready_within = 30'000 * millisecond; // a busy machine's first start
constexpr unsigned most_failed_starts = 3;
constexpr std::size_t most_requests = 64;

/// The process between: first of no world, parent of the first process of the worker's world.
[[noreturn]] void become_keeper(const NurserySettings &settings, int channel) {
  const int keep[] = {channel, STDERR_FILENO};
  jail::close_all_but(keep);
  if (auto entered = enter_worker_world(); !entered) {
    log_error("worker: " + entered.error().what);
    ::_exit(1);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    if (auto jailed = jail_worker(settings.installation, channel); !jailed) ::_exit(1);
    ::_exit(work(settings.installation, channel));
  }
  if (child < 0 || !jail_waiter()) ::_exit(1);
  ::_exit(worker::status_of(child));
}

void say_missing(const client::Request &request) {
  (void)worker::write_frame(request.stream.get(), Frame::missing, {});
}

} // namespace

int Nursery::run() {
  ::signal(SIGPIPE, SIG_IGN);
  for (;;) {
    start_ahead();
    wait();
    for (Child &child : children_)
      hear(child);
    if (channel_ready_ && !take_requests()) return 0;
    hand_out();
    end_late_and_left();
    reap();
    if (failed_starts_ >= most_failed_starts) {
      if (worked_) return 1; // LibreOffice was replaced or removed: begin again with what is there
      log_error("LibreOffice does not start: Office files that need it are held as engine-missing");
      for (const client::Request &request : requests_)
        say_missing(request);
      requests_.clear();
      return run_without_engine(channel_);
    }
  }
}

void Nursery::start_ahead() {
  const auto idle = static_cast<unsigned>(
      std::count_if(children_.begin(), children_.end(),
                    [](const Child &child) { return child.state != State::working; }));
  auto starting = static_cast<unsigned>(
      std::count_if(children_.begin(), children_.end(),
                    [](const Child &child) { return child.state == State::starting; }));
  const auto wanted = (asked_ ? settings_.ahead : 0) + static_cast<unsigned>(requests_.size());
  for (unsigned i = idle;
       i < wanted && starting < settings_.at_once && children_.size() < settings_.most;
       ++i, ++starting)
    start_worker();
}

void Nursery::start_worker() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return log_error("cannot make a socket pair");
  UniqueFd near(ends[0]), far(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return log_error("cannot fork a worker");
  if (child == 0) become_keeper(settings_, far.get());
  Child made;
  made.process = child;
  made.channel = std::move(near);
  made.deadline = monotonic_ns() + ready_within;
  children_.push_back(std::move(made));
}

void Nursery::wait() {
  std::vector<pollfd> watched{{channel_, POLLIN, 0}};
  std::uint64_t next = 0;
  for (const Child &child : children_) {
    watched.push_back({child.channel.get(), POLLIN, 0});
    watched.push_back({child.stream.get(), POLLRDHUP, 0}); // -1: passed over
    if (child.deadline != 0 && (next == 0 || child.deadline < next)) next = child.deadline;
  }
  const std::uint64_t now = monotonic_ns();
  int wait_ms = -1;
  if (next != 0) wait_ms = next > now ? static_cast<int>((next - now) / millisecond + 1) : 0;
  const int ready = ::poll(watched.data(), watched.size(), wait_ms);
  channel_ready_ = ready > 0 && watched.front().revents != 0;
  for (std::size_t i = 0; ready > 0 && i < children_.size(); ++i)
    if (watched[2 * i + 2].revents != 0) children_[i].over = true;
}

/// Ready, or gone: its end of the channel closes with it.
void Nursery::hear(Child &child) {
  char word = 0;
  const ssize_t got = ::recv(child.channel.get(), &word, 1, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0 || child.state != State::starting) {
    child.over = true;
    return;
  }
  child.state = State::waiting;
  child.deadline = 0;
  worked_ = true;
  failed_starts_ = 0;
}

/// False when the channel is closed for good.
bool Nursery::take_requests() {
  for (;;) {
    client::Request request;
    switch (client::receive_request(channel_, request)) {
    case Received::closed: return false;
    case Received::nothing: return true;
    case Received::request:
      if (request.kind == client::protocol::Worker::office && requests_.size() < most_requests) {
        requests_.push_back(std::move(request));
        asked_ = true;
        continue;
      }
      [[fallthrough]];
    case Received::nonsense: log_error("a request that is none, or one too many");
    }
  }
}

void Nursery::hand_out() {
  // Who does not wait any more is not served.
  std::erase_if(requests_, [](const client::Request &request) {
    pollfd other{request.stream.get(), POLLRDHUP, 0};
    return ::poll(&other, 1, 0) > 0;
  });
  for (Child &child : children_) {
    if (requests_.empty()) return;
    if (child.state != State::waiting || child.over) continue;
    client::Request &request = requests_.front();
    if (!client::send_request(child.channel.get(), request.kind, request.worker_ms,
                              request.stream.get())) {
      child.over = true;
      continue;
    }
    child.state = State::working;
    child.deadline = monotonic_ns() + request.worker_ms * millisecond + 100 * millisecond;
    child.stream = std::move(request.stream);
    requests_.erase(requests_.begin());
  }
}

void Nursery::end_late_and_left() {
  const std::uint64_t now = monotonic_ns();
  for (Child &child : children_)
    if (child.over || (child.deadline != 0 && child.deadline <= now)) {
      ::kill(child.process, SIGKILL); // and its worker with it
      child.over = true;
    }
}

void Nursery::reap() {
  std::erase_if(children_, [this](const Child &child) {
    if (!child.over) return false;
    int status = 0;
    ::wait4(child.process, &status, 0, nullptr);
    if (child.state != State::working) ++failed_starts_;
    return true;
  });
}

int run_without_engine(int channel) {
  for (;;) {
    client::Request request;
    switch (client::receive_request(channel, request, true)) {
    case Received::closed: return 0;
    case Received::request: say_missing(request); break;
    default: break;
    }
  }
}

} // namespace sekisho::office
