#include "gateway/role/process.hh"

#include "base/clock.hh"
#include "base/jail/jail.hh"
#include "base/log.hh"

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

namespace sekisho::role {
namespace {

constexpr std::uint64_t second = 1'000'000'000;
constexpr std::uint64_t quiet_time = 5 * second;    // having lived that long, the next start is at once
constexpr std::uint64_t first_pause = second / 10;  // doubled by each quick end
constexpr std::uint64_t longest_pause = 5 * second;
constexpr std::uint64_t ready_limit = 60 * second;  // DPDK may take some

} // namespace

std::uint64_t Process::uptime_seconds() const {
  return running() ? (monotonic_ns() - started_) / second : 0;
}

void Process::start() {
  pid_t supervisor = ::getpid();
  started_ = monotonic_ns();
  ready_ = false;
  pid_t child = ::fork();
  if (child == 0) run_child(supervisor);
  if (child < 0) {
    log_error("cannot fork for role " + name_ + ": " + std::strerror(errno));
    next_start_ = started_ + longest_pause;
    return;
  }
  pid_ = child;
  starts_++;
  if (!says_ready_) set_ready();
}

void Process::run_child(pid_t supervisor) const {
  set_log_name(name_);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) ::_exit(1); // it died in between
  ::setsid();                                // a terminal's Ctrl-C is for the supervisor
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDIN_FILENO);
  ::dup2(null, STDOUT_FILENO);
  std::vector<int> keep = keep_;
  keep.insert(keep.end(), {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO});
  jail::close_all_but(keep);
  int status = 1;
  try {
    status = body_();
  } catch (const std::exception &error) {
    log_error(std::string("ended by an exception: ") + error.what());
  }
  ::_exit(status); // nothing of the supervisor is destroyed twice
}

void Process::set_ready() {
  ready_ = true;
  ever_ready_ = true;
}

void Process::ended() {
  std::uint64_t now = monotonic_ns();
  quick_ends_ = now - started_ < quiet_time ? quick_ends_ + 1 : 0;
  // The first quick end may be anything; only a row of them is a reason to wait.
  std::uint64_t pause = quick_ends_ < 2 ? 0 : first_pause << std::min(quick_ends_ - 2, 10u);
  next_start_ = now + std::min(pause, longest_pause);
  pid_ = -1;
  ready_ = false;
}

void Process::kill_now() const {
  if (running()) ::kill(pid_, SIGKILL);
}

bool Process::stuck() const { return running() && !ready_ && monotonic_ns() - started_ > ready_limit; }

} // namespace sekisho::role
