#include "gateway/role/process.hh"

#include "base/clock.hh"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace sekisho::role {
namespace {

int wait_for(Process &process) {
  int status = 0;
  ::waitpid(process.pid(), &status, 0);
  process.ended();
  return status;
}

TEST(Process, HasItsDescriptorsAndNoOthers) {
  int kept = ::open("/dev/null", O_RDONLY), other = ::open("/dev/null", O_RDONLY);
  Process process("test", {kept}, [=] {
    return ::fcntl(kept, F_GETFD) >= 0 && ::fcntl(other, F_GETFD) < 0 ? 0 : 1;
  });
  process.start();
  EXPECT_EQ(wait_for(process), 0);
  ::close(kept);
  ::close(other);
}

TEST(Process, DiesWithItsSupervisor) {
  Process process("test", {}, [] {
    int signal = 0;
    ::prctl(PR_GET_PDEATHSIG, &signal);
    return signal == SIGKILL ? 0 : 1;
  });
  process.start();
  EXPECT_EQ(wait_for(process), 0);
}

TEST(Process, ExceptionIsAnExitStatus) {
  Process process("test", {}, []() -> int { throw std::runtime_error("odd"); });
  process.start();
  EXPECT_EQ(WEXITSTATUS(wait_for(process)), 1);
}

TEST(Process, FirstRestartIsAtOnceThenItWaits) {
  Process process("test", {}, [] { return 1; });
  process.start();
  wait_for(process);
  EXPECT_LE(process.next_start(), monotonic_ns());
  EXPECT_EQ(process.restarts(), 0u);
  std::uint64_t last = 0;
  for (int i = 0; i < 8; i++) {
    process.start();
    wait_for(process);
    std::uint64_t now = monotonic_ns();
    std::uint64_t pause = process.next_start() > now ? process.next_start() - now : 0;
    EXPECT_LE(pause, 5'000'000'000u);
    EXPECT_GE(pause + 100'000'000, last) << "grows";
    last = pause;
  }
  EXPECT_GT(last, 1'000'000'000u);
  EXPECT_EQ(process.restarts(), 8u);
}

} // namespace
} // namespace sekisho::role
