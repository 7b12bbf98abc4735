// Each case forks a child that puts itself into the jail, tries what must be impossible, and tells
// by its exit status what it saw.
#include "base/jail/jail.hh"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace sekisho::jail {
namespace {

constexpr int not_jailed = 90;
constexpr uid_t nobody = 65534;

/// Wait status of a child that ran `body` and exited with what it returned.
int run_in_child(const std::function<int()> &body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// 0 when the call failed with `expected`.
int refused(long result, int expected) {
  return result == -1 && errno == expected ? 0 : 1;
}

bool is_root() {
  return geteuid() == 0;
}

constexpr const char *plain_calls[] = {"read",     "write", "exit_group", "mmap",          "munmap",
                                       "mprotect", "brk",   "futex",      "rt_sigprocmask"};

TEST(Seccomp, unnamed_calls_fail) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              if (!allow_calls(plain_calls, false)) return not_jailed;
              if (refused(open("/etc/passwd", O_RDONLY), EPERM)) return 1;
              if (refused(socket(AF_INET, SOCK_STREAM, 0), EPERM)) return 2;
              char *const arguments[] = {nullptr};
              if (refused(execve("/bin/true", arguments, arguments), EPERM)) return 3;
              if (refused(ptrace(PTRACE_TRACEME, 0, 0, 0), EPERM)) return 4;
              if (refused(syscall(SYS_kill, 1, 0), EPERM)) return 5;
              return 0;
            })));
}

TEST(Seccomp, unnamed_calls_kill) {
  const int status = run_in_child([] {
    if (!allow_calls(plain_calls, true)) return not_jailed;
    (void)socket(AF_INET, SOCK_STREAM, 0);
    return 0;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(SIGSYS, WTERMSIG(status));
}

TEST(Seccomp, made_beforehand_it_is_the_same) {
  const Result<CallFilter> filter = CallFilter::make(plain_calls, false);
  ASSERT_TRUE(filter) << filter.error().what;
  EXPECT_EQ(0, exit_code(run_in_child([&] {
              if (!filter->apply()) return not_jailed;
              if (refused(open("/etc/passwd", O_RDONLY), EPERM)) return 1;
              if (refused(socket(AF_INET, SOCK_STREAM, 0), EPERM)) return 2;
              void *code = mmap(nullptr, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              if (code != MAP_FAILED || errno != EPERM) return 3;
              return 0;
            })));
  const Result<CallFilter> killing = CallFilter::make(plain_calls, true);
  ASSERT_TRUE(killing);
  const int status = run_in_child([&] {
    if (!killing->apply()) return not_jailed;
    (void)socket(AF_INET, SOCK_STREAM, 0);
    return 0;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(CallFilter::make(std::array<const char *, 1>{"opne"}, false));
}

TEST(Seccomp, clone_makes_no_process_and_no_namespace) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              constexpr const char *calls[] = {"write", "exit_group", "clone"};
              if (!allow_calls(calls, false)) return not_jailed;
              if (refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0), EPERM)) return 1;
              if (refused(syscall(SYS_clone3, 0, 0), ENOSYS)) return 2;
              return 0;
            })));
  EXPECT_EQ(0, exit_code(run_in_child([] {
              constexpr const char *calls[] = {"write", "exit_group",      "fork",
                                               "wait4", "set_robust_list", "rt_sigprocmask",
                                               "gettid"};
              if (!allow_calls(calls, false)) return not_jailed;
              if (refused(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0), EPERM)) return 1;
              const pid_t child = fork();
              if (child == 0) _exit(7);
              int status = 0;
              return wait4(child, &status, 0, nullptr) == child && WEXITSTATUS(status) == 7 ? 0 : 2;
            })));
}

TEST(Seccomp, data_never_becomes_code) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              if (!allow_calls(plain_calls, false)) return not_jailed;
              void *page =
                  mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              if (page == MAP_FAILED) return 1;
              if (refused(mprotect(page, 4096, PROT_READ | PROT_EXEC), EPERM)) return 2;
              void *code = mmap(nullptr, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return code == MAP_FAILED && errno == EPERM ? 0 : 3;
            })));
}

TEST(Seccomp, holds_for_threads_that_run_already) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              int start[2], up[2];
              if (pipe(start) != 0 || pipe(up) != 0) return not_jailed;
              int seen = 9;
              char octet;
              std::thread other([&] {
                (void)!write(up[1], "x", 1);
                (void)!read(start[0], &octet, 1);
                seen = refused(open("/etc/passwd", O_RDONLY), EPERM);
              });
              constexpr const char *calls[] = {"read",           "write", "exit",    "exit_group",
                                               "futex",          "mmap",  "madvise", "munmap",
                                               "rt_sigprocmask", "brk",   "mprotect"};
              (void)!read(up[0], &octet, 1); // a thread's own first calls are behind it
              if (!allow_calls(calls, false)) _exit(not_jailed);
              (void)!write(start[1], "x", 1);
              other.join();
              return seen;
            })));
}

TEST(Seccomp, unknown_names_are_errors) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              constexpr const char *unknown[] = {"read", "opne"};
              constexpr const char *unfiltered[] = {"clone3"};
              return allow_calls(unknown, false) || allow_calls(unfiltered, false) ? 1 : 0;
            })));
}

TEST(Limits, files_memory_and_descriptors) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              Limits limits;
              limits.address_space = 256u << 20;
              limits.open_files = 3;
              if (!limit(limits)) return not_jailed;
              if (refused(open("/dev/null", O_RDONLY), EMFILE)) return 1;
              void *big = mmap(nullptr, 1u << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              return big == MAP_FAILED && errno == ENOMEM ? 0 : 2;
            })));
}

TEST(Limits, closes_what_is_not_listed) {
  EXPECT_EQ(0, exit_code(run_in_child([] {
              const int a = open("/dev/null", O_RDONLY), b = open("/dev/null", O_RDONLY);
              const int c = open("/dev/null", O_RDONLY);
              const int keep[] = {c, a, -1};
              close_all_but(keep);
              if (fcntl(a, F_GETFD) < 0 || fcntl(c, F_GETFD) < 0) return 1;
              return fcntl(b, F_GETFD) < 0 && fcntl(0, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0 ? 0
                                                                                             : 2;
            })));
}

TEST(Landlock, only_the_listed_files) {
  char folder[] = "/tmp/jail-test-XXXXXX";
  ASSERT_NE(nullptr, mkdtemp(folder));
  EXPECT_EQ(0, exit_code(run_in_child([&] {
              const FileAccess files[] = {{folder, true}, {"/dev/null", false}};
              if (!allow_files(files)) return not_jailed;
              const std::string inside = std::string(folder) + "/new";
              if (open(inside.c_str(), O_CREAT | O_RDWR, 0600) < 0) return 1;
              if (open("/dev/null", O_RDONLY) < 0) return 2;
              if (refused(open("/dev/null", O_WRONLY), EACCES)) return 3;
              if (refused(open("/etc/passwd", O_RDONLY), EACCES)) return 4;
              char *const arguments[] = {nullptr};
              if (refused(execve("/bin/true", arguments, arguments), EACCES)) return 5;
              return unlink(inside.c_str()) == 0 ? 0 : 6;
            })));
  rmdir(folder);
  const FileAccess missing[] = {{"/no/such/place", false}};
  EXPECT_FALSE(allow_files(missing));
}

TEST(Identity, gives_everything_up) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(0, exit_code(run_in_child([] {
              if (!become(nobody, nobody)) return not_jailed;
              if (getuid() != nobody || geteuid() != nobody || getgid() != nobody) return 1;
              if (getgroups(0, nullptr) != 0) return 2;
              if (refused(setuid(0), EPERM)) return 3;
              if (refused(open("/etc/shadow", O_RDONLY), EACCES)) return 4;
              if (refused(unshare(CLONE_NEWNET), EPERM)) return 5;
              if (refused(socket(AF_PACKET, SOCK_RAW, 0), EPERM)) return 6;
              return 0;
            })));
}

TEST(Identity, cannot_be_traced_by_the_same_user) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(0, exit_code(run_in_child([] {
              if (!become(nobody, nobody)) return not_jailed;
              const pid_t victim = getpid();
              return exit_code(run_in_child(
                  [&] { return refused(ptrace(PTRACE_ATTACH, victim, 0, 0), EPERM); }));
            })));
}

int look_around_the_empty_root() {
  if (refused(open("/etc/passwd", O_RDONLY), ENOENT)) return 1;
  if (refused(open("/file", O_CREAT | O_WRONLY, 0600), EROFS)) return 2;
  if (refused(chdir("/proc"), ENOENT)) return 3;
  if (chdir("..") != 0 || refused(open("etc/passwd", O_RDONLY), ENOENT)) return 4;
  const int out = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr address{};
  address.sa_family = AF_INET;
  address.sa_data[1] = 9;
  address.sa_data[2] = 127;
  address.sa_data[5] = 1;
  return refused(connect(out, &address, sizeof address), ENETUNREACH) ? 5 : 0;
}

TEST(Namespaces, nothing_to_open_and_nobody_to_talk_to) {
  if (!is_root()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(0, exit_code(run_in_child([] {
              Namespaces all{
                  .network = true, .mounts = true, .ipc = true, .uts = true, .pid = true};
              if (!enter(all)) return not_jailed;
              if (!become(nobody, nobody)) return not_jailed;
              return look_around_the_empty_root();
            })));
}

TEST(Namespaces, the_same_for_an_ordinary_user) {
  EXPECT_EQ(
      0, exit_code(run_in_child([] {
        if (is_root() && (setresgid(nobody, nobody, nobody) || setresuid(nobody, nobody, nobody)))
          return not_jailed;
        prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); // as after an exec by that user
        Namespaces all{
            .network = true, .mounts = true, .ipc = true, .uts = true, .pid = true, .users = true};
        if (!enter(all)) return not_jailed;
        if (!become(getuid(), getgid())) return not_jailed;
        if (refused(unshare(CLONE_NEWNET), EPERM)) return 6;
        return look_around_the_empty_root();
      })));
}

} // namespace
} // namespace sekisho::jail
