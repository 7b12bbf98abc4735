// What is forbidden to a role, tried from inside its jail.  Needs root, as the daemon does.
#include "gateway/role/jails.hh"

#include "tests/unit/gateway/record/folder.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <set>

namespace sekisho::role {
namespace {

constexpr Identity nobody_special{64199, 64199};

/// True when `attempt`, made in a child inside the jail, returns true.
bool in_jail(const std::function<Result<void>()> &jail, const std::function<bool()> &attempt) {
  pid_t child = ::fork();
  if (child == 0) {
    if (auto jailed = jail(); !jailed) {
      ::dprintf(2, "%s\n", jailed.error().what.c_str());
      ::_exit(99);
    }
    ::_exit(attempt() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_NE(WEXITSTATUS(status), 99) << "the jail itself";
  return WEXITSTATUS(status) == 1;
}

bool opens(const char *path, int flags) {
  return ::open(path, flags, 0600) >= 0;
}

struct Attempt {
  const char *name;
  std::function<bool()> attempt;
};

/// Forbidden to both.
std::vector<Attempt> crimes() {
  static pid_t victim = ::getpid();
  return {
      {"read a file", [] { return opens("/etc/passwd", O_RDONLY); }},
      {"read the rules of the kernel", [] { return opens("/proc/sys/net/ipv4/ip_forward", O_RDWR); }},
      {"write to /tmp", [] { return opens("/tmp/sekisho-escaped", O_WRONLY | O_CREAT); }},
      {"list the root", [] { return opens("/", O_RDONLY | O_DIRECTORY); }},
      {"an internet socket", [] { return ::socket(AF_INET, SOCK_STREAM, 0) >= 0; }},
      {"a packet socket", [] { return ::socket(AF_PACKET, SOCK_RAW, 0) >= 0; }},
      {"a netlink socket", [] { return ::socket(AF_NETLINK, SOCK_RAW, 0) >= 0; }},
      {"a socket pair", [] {
         int fds[2];
         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0;
       }},
      {"run a program", [] { return ::execl("/bin/true", "true", nullptr) == 0; }},
      {"fork", [] {
         pid_t child = ::fork();
         if (child == 0) ::_exit(0);
         return child > 0;
       }},
      {"trace", [] { return ::ptrace(PTRACE_ATTACH, victim, nullptr, nullptr) == 0; }},
      {"signal another", [] { return ::kill(victim, 0) == 0; }},
      {"become root", [] { return ::setuid(0) == 0; }},
      {"raise a limit", [] { return ::nice(-5) >= 0 && errno == 0; }},
      {"memory that is code", [] {
         return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                MAP_FAILED;
       }},
  };
}

void expect_no_crime(const std::function<Result<void>()> &jail,
                     const std::set<std::string> &allowed = {}) {
  for (const Attempt &crime : crimes())
    EXPECT_EQ(in_jail(jail, crime.attempt), allowed.contains(crime.name)) << crime.name;
}

class Jails : public testing::Test {
protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::chown(folder_.path().c_str(), nobody_special.uid, nobody_special.gid), 0);
  }
  test::Folder folder_;
};

TEST_F(Jails, RecordHasItsFolderOnly) {
  auto jail = [this] { return jail_for_record(nobody_special, folder_.path()); };
  std::string inside = folder_.path() + "/x";
  EXPECT_TRUE(in_jail(jail, [&] { return opens(inside.c_str(), O_RDWR | O_CREAT); })) << "its own files";
  expect_no_crime(jail);
}

TEST_F(Jails, RelayHasItsFolderAndTcp) {
  auto jail = [this] { return jail_for_relay(nobody_special, folder_.path()); };
  std::string inside = folder_.path() + "/x";
  EXPECT_TRUE(in_jail(jail, [&] { return opens(inside.c_str(), O_RDWR | O_CREAT); })) << "its own files";
  EXPECT_TRUE(in_jail(jail, [] { return ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0; }));
  EXPECT_FALSE(in_jail(jail, [] { return ::socket(AF_INET, SOCK_DGRAM, 0) >= 0; })) << "UDP";
  EXPECT_FALSE(in_jail(jail, [] { return ::socket(AF_INET, SOCK_RAW, IPPROTO_TCP) >= 0; }));
  EXPECT_FALSE(in_jail(jail, [] { return ::socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }));
  expect_no_crime(jail, {"an internet socket", "a socket pair"});
}

TEST_F(Jails, ControlHasNothing) {
  auto jail = [] { return jail_for_control(nobody_special); };
  std::string inside = folder_.path() + "/x";
  EXPECT_FALSE(in_jail(jail, [&] { return opens(inside.c_str(), O_RDWR | O_CREAT); }));
  expect_no_crime(jail);
}

TEST_F(Jails, PathHasNothingButWhatIsOpen) {
  auto jail = []() -> Result<void> {
    TRY(drop_root_for_path(nobody_special));
    return jail_for_path();
  };
  expect_no_crime(jail);
}

} // namespace
} // namespace sekisho::role
