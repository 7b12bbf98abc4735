#include "sanitizer/worker/zygote.hh"

#include "base/clock.hh"
#include "base/log.hh"
#include "sanitizer/worker/jails.hh"
#include "sanitizer/worker/serve.hh"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sekisho::worker {
namespace {

using client::protocol::Worker;

constexpr std::size_t most_children = 64;
constexpr std::uint64_t millisecond = 1'000'000;

void wake_up(int) {}

/// SIGCHLD is let in only while waiting, so that none comes between looking and waiting.
sigset_t block_child_signal() {
  struct sigaction action {};
  action.sa_handler = wake_up;
  ::sigaction(SIGCHLD, &action, nullptr);
  sigset_t child, before;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, &before);
  sigdelset(&before, SIGCHLD);
  return before;
}

sigset_t while_waiting;

/// Nothing: there is none.
Bytes map_shelf(int shelf) {
  constexpr std::size_t size = client::protocol::shelf_size;
  if (shelf < 0) return {};
  const void *at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, shelf, 0);
  if (at == MAP_FAILED) ::_exit(1);
  return {static_cast<const std::byte *>(at), size};
}

[[noreturn]] void become_worker(const client::Request &request) {
  const int stream = request.stream.get();
  const Bytes shelf = map_shelf(request.shelf.get());
  if (!jail_worker(request.kind, request.worker_ms, stream))
    ::_exit(1); // a worker that is not jailed does not work
  ::_exit(request.kind == Worker::file ? serve_file(stream) : serve_mail(stream, shelf));
}

} // namespace

int Zygote::run() {
  ::signal(SIGPIPE, SIG_IGN);
  while_waiting = block_child_signal();
  for (;;) {
    wait();
    end_late_and_left();
    reap(); // always: while a stream is ready, ppoll delivers no signal
    if (channel_ready_ && !take_request()) return 0;
  }
}

void Zygote::wait() {
  std::vector<pollfd> watched{{channel_, POLLIN, 0}};
  std::uint64_t next = 0;
  for (const Child &child : children_) {
    watched.push_back({child.stream.get(), POLLRDHUP, 0}); // left and ended: -1, which poll passes over
    if (child.deadline != 0 && (next == 0 || child.deadline < next)) next = child.deadline;
  }
  const std::uint64_t now = monotonic_ns();
  const std::uint64_t left = next > now ? next - now : 0;
  const timespec timeout{static_cast<time_t>(left / 1'000'000'000),
                         static_cast<long>(left % 1'000'000'000)};
  const int ready =
      ::ppoll(watched.data(), watched.size(), next == 0 ? nullptr : &timeout, &while_waiting);
  channel_ready_ = ready > 0 && watched.front().revents != 0;
  for (std::size_t i = 0; i < children_.size(); ++i)
    if (ready > 0 && watched[i + 1].revents != 0) children_[i].left = true;
}

/// False when the channel is closed for good.
bool Zygote::take_request() {
  client::Request request;
  switch (client::receive_request(channel_, request)) {
  case client::Received::closed: return false;
  case client::Received::nothing: return true;
  case client::Received::request:
    if (request.kind == Worker::office) break;
    start_worker(std::move(request));
    return true;
  case client::Received::nonsense: break;
  }
  log_error("a request that is none");
  return true;
}

void Zygote::start_worker(client::Request request) {
  if (children_.size() >= most_children) return log_error("too many workers: request refused");
  const pid_t child = ::fork();
  if (child < 0) return log_error("cannot fork a worker");
  if (child == 0) become_worker(request);
  const std::uint64_t deadline =
      request.worker_ms == 0 ? 0 : monotonic_ns() + request.worker_ms * millisecond + 100 * millisecond;
  children_.push_back({child, std::move(request.stream), deadline, false});
}

void Zygote::reap() {
  int status = 0;
  for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    std::erase_if(children_, [ended](const Child &child) { return child.process == ended; });
    if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
      log_error("a worker was ended by signal " + std::to_string(WTERMSIG(status)));
  }
}

void Zygote::end_late_and_left() {
  const std::uint64_t now = monotonic_ns();
  for (Child &child : children_) {
    if (!child.left && (child.deadline == 0 || child.deadline > now)) continue;
    ::kill(child.process, SIGKILL);
    child.left = false;
    child.deadline = 0;
    child.stream.reset();
  }
}

} // namespace sekisho::worker
