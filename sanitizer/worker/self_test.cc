#include "sanitizer/worker/self_test.hh"

#include "sanitizer/worker/attempts.hh"
#include "sanitizer/worker/jails.hh"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace sekisho::worker {
namespace {

using client::protocol::Worker;

void tell(const std::string &line) {
  (void)!::write(STDOUT_FILENO, line.data(), line.size());
}

bool refused_here(const char *where, const Attempt &attempt) {
  const bool succeeded = attempt.succeeds();
  tell(fmt::format("{}: {}: {}\n", where, attempt.what,
                   succeeded ? "ALLOWED" : std::string("refused: ") + std::strerror(errno)));
  return !succeeded;
}

/// A worker's filter ends it, so each attempt gets one of its own.
bool refused_in_worker(const char *where, Worker kind, const Attempt &attempt) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (!jail_worker(kind, 5000, STDOUT_FILENO)) ::_exit(3);
    ::_exit(attempt.succeeds() ? 1 : 0);
  }
  int status = 0;
  ::wait4(child, &status, 0, nullptr);
  const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
  const bool failed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  tell(fmt::format("{}: {}: {}\n", where, attempt.what,
                   killed   ? "ended by the kernel"
                   : failed ? "refused"
                            : "ALLOWED"));
  return killed || failed;
}

} // namespace

int try_what_is_forbidden() {
  bool all = true;
  for (const Attempt &attempt : attempts_everywhere())
    all &= refused_here("zygote", attempt);
  for (const auto &[where, kind] :
       {std::pair{"mail worker", Worker::mail}, {"file worker", Worker::file}}) {
    for (const Attempt &attempt : attempts_everywhere())
      all &= refused_in_worker(where, kind, attempt);
    for (const Attempt &attempt : attempts_in_workers())
      all &= refused_in_worker(where, kind, attempt);
  }
  tell(all ? "every attempt was refused\n" : "NOT every attempt was refused\n");
  return all ? 0 : 1;
}

} // namespace sekisho::worker
