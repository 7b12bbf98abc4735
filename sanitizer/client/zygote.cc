#include "sanitizer/client/zygote.hh"

#include "base/clock.hh"
#include "sanitizer/client/request.hh"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sekisho::client {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t taken_within = 5 * second; // a start with all engines takes a tenth of one

struct Pair {
  UniqueFd near, far;
};

Result<Pair> make_pair(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0)
    return fail(std::string("cannot make a socket pair: ") + std::strerror(errno));
  return Pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

// Between fork and exec of a program that may have threads: only calls that are safe in a signal
// handler.
[[noreturn]] void become_zygote(const char *program, int channel) {
  constexpr int place = 3;
  if (channel == place)
    ::fcntl(channel, F_SETFD, 0);
  else
    ::dup2(channel, place);
  ::execl(program, program, "--channel", "3", nullptr);
  ::_exit(127);
}

} // namespace

Result<Zygote> Zygote::start(const std::string &program) {
  if (::access(program.c_str(), X_OK) != 0)
    return fail("cannot run " + program + ": " + std::strerror(errno));
  Zygote zygote;
  zygote.program_ = program;
  TRY(zygote.launch());
  return zygote;
}

Zygote Zygote::over(int channel) {
  Zygote zygote;
  zygote.channel_ = channel;
  return zygote;
}

Zygote::Zygote(Zygote &&other) noexcept
    : program_(std::move(other.program_)), own_channel_(std::move(other.own_channel_)),
      channel_(std::exchange(other.channel_, -1)), process_(std::exchange(other.process_, -1)) {}

Zygote::~Zygote() {
  end();
}

Result<void> Zygote::launch() {
  Result<Pair> pair = make_pair(SOCK_SEQPACKET);
  if (!pair) return fail(pair.error());
  const pid_t child = ::fork();
  if (child < 0) return fail(std::string("cannot fork: ") + std::strerror(errno));
  if (child == 0) become_zygote(program_.c_str(), pair->far.get());
  process_ = child;
  own_channel_ = std::move(pair->near);
  channel_ = own_channel_.get();
  return {};
}

void Zygote::end() {
  if (process_ <= 0) return;
  own_channel_.reset(); // a zygote whose channel closes ends with all its workers
  for (unsigned tries = 0; tries < 100; ++tries) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) {
      process_ = -1;
      return;
    }
    ::usleep(5000);
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

Result<Stream, Trouble> Zygote::ask_once(protocol::Worker kind, std::uint32_t worker_ms, std::uint64_t until) const {
  Result<Pair> pair = make_pair(SOCK_STREAM);
  Shelf shelf = kind == protocol::Worker::mail ? Shelf::make() : Shelf();
  if (!pair || !send_request(channel_, kind, worker_ms, pair->far.get(), shelf.descriptor()))
    return fail(Trouble::died);
  pair->far.reset();
  Stream stream(std::move(pair->near), std::move(shelf));
  Result<FrameIn, Trouble> taken = stream.receive(0, until);
  if (!taken) return fail(taken.error());
  if (taken->type == protocol::Frame::missing) return fail(Trouble::missing);
  if (taken->type != protocol::Frame::taken) return fail(Trouble::bad_reply);
  return stream;
}

Result<Stream, Trouble> Zygote::ask(protocol::Worker kind, std::uint32_t worker_ms,
                                    std::uint64_t deadline) {
  const auto try_once = [&] { return ask_once(kind, worker_ms, std::min(deadline, monotonic_ns() + taken_within)); };
  Result<Stream, Trouble> first = try_once();
  const bool settled =
      first || first.error() == Trouble::bad_reply || first.error() == Trouble::missing;
  if (settled || monotonic_ns() >= deadline) return first;
  if (!program_.empty()) { // ours: it is dead or stuck, and nobody else brings it back
    if (process_ > 0) ::kill(process_, SIGKILL);
    end();
    if (!launch()) return fail(Trouble::died);
  }
  return try_once();
}

} // namespace sekisho::client
