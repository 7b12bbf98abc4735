#include "gateway/role/jails.hh"

#include "base/jail/jail.hh"

#include <array>

namespace sekisho::role {
namespace {

// What any of our event loops does.
#define SERVING                                                                                    \
  "read", "write", "readv", "writev", "close", "poll", "ppoll", "recvmsg", "sendmsg", "recvfrom",  \
      "sendto", "brk", "mmap", "munmap", "mremap", "madvise", "mprotect", "futex",                 \
      "clock_gettime", "clock_nanosleep", "nanosleep", "gettimeofday", "getpid", "gettid",         \
      "getrandom", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall",     \
      "tgkill", "exit", "exit_group"

constexpr const char *record_calls[] = {
    SERVING,
    // its files: the lines, head, the index
    "openat", "open", "pread64", "pwrite64", "pwritev", "lseek", "fstat", "newfstatat", "stat", "lstat",
    "statx", "fsync", "fdatasync", "ftruncate", "fallocate", "flock", "fcntl", "getdents64", "unlink",
    "unlinkat", "access", "faccessat", "faccessat2", "getcwd", "readlink", "geteuid", "fchmod",
    "fchown", "utimensat",
    // the thread that searches; long answers leave in a memfd
    "clone", "set_robust_list", "rseq", "sched_yield", "memfd_create"};

constexpr const char *relay_calls[] = {
    SERVING,
    // mail: what comes in by the listeners, what goes out by TCP
    "accept", "accept4", "socket-tcp", "connect", "getsockopt", "setsockopt", "getsockname",
    "getpeername", "shutdown", "ioctl", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
    "eventfd2", "timerfd_create", "timerfd_settime", "pipe2",
    // a socket pair's end is what a sanitizer worker is asked for with
    "socketpair",
    // the threads of the disk and of the sanitizer
    "clone", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity",
    // its files: segments, the index of the hold
    "openat", "open", "pread64", "pwrite64", "pwritev", "lseek", "fstat", "newfstatat", "stat", "lstat",
    "statx", "statfs", "fsync", "fdatasync", "ftruncate", "fallocate", "fadvise64", "fcntl", "getdents64", "unlink",
    "unlinkat", "access", "faccessat", "faccessat2", "getcwd", "readlink", "geteuid", "getuid", "fchmod",
    "fchown", "utimensat", "memfd_create"};

// Unix sockets, and a thread a question.
constexpr const char *scan_calls[] = {SERVING, "socket-unix", "connect", "getsockopt", "fcntl", "fstat", "newfstatat",
                                      "pread64", "clone", "set_robust_list", "rseq", "sched_yield"};

constexpr const char *control_calls[] = {
    SERVING, "accept4", "getsockopt", "shutdown", "fcntl",
                                         // long answers come in a memfd
                                         "fstat", "newfstatat", "pread64"};

// Packet sockets send by sendmmsg, AF_XDP ones are woken by sendto and poll; rules arrive and long answers leave in a memfd; evidence and
// hit counters are written to files that the supervisor has opened.
constexpr const char *path_calls[] = {SERVING, "fstat", "newfstatat", "pread64", "lseek", "epoll_wait",
                                      "sched_yield", "membarrier", "uname", "fcntl", "memfd_create", "sendmmsg",
                                      "pwrite64", "ftruncate", "fdatasync",
                                      // a thread's own first calls: one may not have run yet
                                      "rseq", "set_robust_list"};

jail::Limits small_process(std::uint32_t open_files) {
  jail::Limits limits;
  limits.open_files = open_files;
  limits.no_core = true;
  return limits;
}

} // namespace

Result<void> jail_for_record(const Identity &identity, const std::string &folder) {
  TRY(jail::enter({.network = true, .ipc = true, .uts = true}));
  TRY(jail::limit(small_process(512))); // three a month of the search index
  TRY(jail::become(identity.uid, identity.gid));
  std::array<jail::FileAccess, 1> files = {{{folder, /*write=*/true}}};
  TRY(jail::allow_files(files));
  return jail::allow_calls(record_calls, /*kill=*/false);
}

Result<void> jail_for_relay(const Identity &identity, const std::string &folder) {
  TRY(jail::enter({.ipc = true, .uts = true}));
  TRY(jail::limit(small_process(2048)));
  TRY(jail::become(identity.uid, identity.gid));
  std::array<jail::FileAccess, 1> files = {{{folder, /*write=*/true}}};
  TRY(jail::allow_files(files));
  return jail::allow_calls(relay_calls, /*kill=*/false);
}

Result<void> jail_for_scan(const Identity &identity) {
  TRY(jail::enter({.network = true, .ipc = true, .uts = true})); // the sockets' paths stay in sight
  TRY(jail::limit(small_process(256)));
  TRY(jail::become(identity.uid, identity.gid));
  TRY(jail::allow_files({}));
  return jail::allow_calls(scan_calls, /*kill=*/false);
}

Result<void> jail_for_control(const Identity &identity) {
  TRY(jail::enter({.network = true, .mounts = true, .ipc = true, .uts = true}));
  TRY(jail::limit(small_process(128)));
  TRY(jail::become(identity.uid, identity.gid));
  TRY(jail::allow_files({}));
  return jail::allow_calls(control_calls, /*kill=*/false);
}

Result<void> drop_root_for_path(const Identity &identity) {
  TRY(jail::enter({.network = true, .mounts = true, .ipc = true, .uts = true}));
  TRY(jail::become(identity.uid, identity.gid));
  return jail::allow_files({});
}

Result<void> jail_for_path() { return jail::allow_calls(path_calls, /*kill=*/false); }

} // namespace sekisho::role
