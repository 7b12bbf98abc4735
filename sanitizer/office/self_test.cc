#include "sanitizer/office/self_test.hh"

#include "sanitizer/office/jails.hh"
#include "sanitizer/worker/attempts.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace sekisho::office {
namespace {

using worker::Attempt;

constexpr const char *other_job = "/tmp/another-job"; // in the scratch of another worker

bool reads(const char *path) {
  return ::open(path, O_RDONLY) >= 0;
}
bool writes(const char *path) {
  return ::open(path, O_CREAT | O_WRONLY, 0600) >= 0;
}

constexpr Attempt with_files[] = {
    {"read the file of another job", [] { return reads(other_job); }},
    {"see processes", [] { return reads("/proc") || reads("/proc/1/status"); }},
    {"read a home", [] { return reads("/root") || reads("/home"); }},
    {"read the host's /var", [] { return reads("/var/lib/sekisho") || reads("/var/log"); }},
    {"read keys", [] { return reads("/etc/shadow") || reads("/etc/ssh"); }},
    {"write to the root", [] { return writes("/sekisho-self-test"); }},
    {"write beside LibreOffice", [] { return writes("/usr/lib/libreoffice/sekisho-self-test"); }},
    {"write to a library",
     [] { return ::open("/usr/lib/x86_64-linux-gnu/libc.so.6", O_WRONLY) >= 0; }},
    {"write to fonts", [] { return writes("/usr/share/fonts/sekisho-self-test"); }},
    {"write to a device's folder", [] { return writes("/dev/sekisho-self-test"); }},
    {"run a file of its own as code",
     [] {
       const int file = ::open("/tmp/code", O_CREAT | O_RDWR, 0700);
       (void)!::write(file, "\xc3", 1);
       return ::mmap(nullptr, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) != MAP_FAILED;
     }},
    {"make data code",
     [] {
       void *page =
           ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       return ::mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0;
     }},
    {"outlive the process that waits for it",
     [] { return ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0; }},
    {"fill more memory than its scratch",
     [] {
       const int file = ::open("/tmp/big", O_CREAT | O_WRONLY, 0600);
       return ::posix_fallocate(file, 0, off_t{1} << 30) == 0;
     }},
};

void tell(const std::string &line) {
  (void)!::write(STDOUT_FILENO, line.data(), line.size());
}

[[noreturn]] void give_up(const Error &error) {
  tell(error.what + "\n");
  ::_exit(3);
}

/// A worker's world and jail around `body`, whose result is the exit status of the process between.
template <class Body> pid_t in_a_worker(const std::string &installation, Body body) {
  const pid_t keeper = ::fork();
  if (keeper != 0) return keeper;
  if (auto entered = enter_worker_world(); !entered) give_up(entered.error());
  const pid_t child = ::fork();
  if (child == 0) {
    if (auto jailed = jail_worker(installation, STDOUT_FILENO); !jailed) give_up(jailed.error());
    ::_exit(body());
  }
  int status = 0;
  ::wait4(child, &status, 0, nullptr);
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 4);
}

bool refused(const Attempt &attempt) {
  const bool succeeded = attempt.succeeds();
  tell(fmt::format("office worker: {}: {}\n", attempt.what, succeeded ? "ALLOWED" : "refused"));
  return !succeeded;
}

/// In the worker: its filter lets calls fail, so that one worker can try all of them.
int try_all() {
  if (auto narrowed = forbid_new_code(); !narrowed) give_up(narrowed.error());
  bool all = true;
  for (std::span<const Attempt> attempts :
       {worker::attempts_everywhere(), worker::attempts_in_workers(),
        std::span<const Attempt>(with_files)})
    for (const Attempt &attempt : attempts)
      if (std::string_view(attempt.what) != "make a file") // in its own memory it may
        all &= refused(attempt);
  return all ? 0 : 1;
}

} // namespace

int try_what_is_forbidden(const std::string &installation) {
  const pid_t other = in_a_worker(installation, [] {
    if (!writes(other_job)) return 5; // so that the attempt to read it means something
    ::usleep(60'000'000);
    return 0;
  });
  int status = 0;
  ::wait4(in_a_worker(installation, try_all), &status, 0, nullptr);
  bool all = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  all &= ::waitpid(other, &status, WNOHANG) == 0; // still there all the while
  ::kill(other, SIGKILL);
  ::wait4(other, &status, 0, nullptr);
  tell(all ? "every attempt was refused\n" : "NOT every attempt was refused\n");
  return all ? 0 : 1;
}

} // namespace sekisho::office
