// One role as a process: started, watched, started again.
#pragma once

#include "base/result.hh"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace sekisho::role {

class Process {
public:
  /// `keep`: the descriptors the child has; all others are closed before `body` runs (standard error stays).
  Process(std::string name, std::vector<int> keep, std::function<int()> body)
      : name_(std::move(name)), keep_(std::move(keep)), body_(std::move(body)) {}

  const std::string &name() const { return name_; }
  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }
  bool ready() const { return running() && ready_; }
  unsigned restarts() const { return starts_ > 0 ? starts_ - 1 : 0; }
  std::uint64_t uptime_seconds() const;

  /// It is ready as soon as it runs: a program of its own that does not speak our messages.
  Process &without_ready() {
    says_ready_ = false;
    return *this;
  }

  void start();
  void set_ready();
  /// waitpid has returned it.  The next start is at once after a quiet time, else after a growing pause.
  void ended();
  /// SIGKILL; the supervisor hears of the end as of any other.
  void kill_now() const;
  bool ever_ready() const { return ever_ready_; }
  /// When to start again (monotonic_ns); only while not running.
  std::uint64_t next_start() const { return next_start_; }
  /// It runs and has not said `ready` for too long.
  bool stuck() const;

private:
  [[noreturn]] void run_child(pid_t supervisor) const;

  std::string name_;
  std::vector<int> keep_;
  std::function<int()> body_;
  pid_t pid_ = -1;
  bool says_ready_ = true;
  bool ready_ = false, ever_ready_ = false;
  unsigned starts_ = 0;
  unsigned quick_ends_ = 0; // in a row
  std::uint64_t started_ = 0, next_start_ = 0;
};

} // namespace sekisho::role
