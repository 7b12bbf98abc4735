#include "sanitizer/office/jails.hh"

#include "sanitizer/office/profile.hh"

#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <iterator>

namespace sekisho::office {
namespace {

constexpr std::uint64_t worker_memory = std::uint64_t{4}
                                        << 30;       // address space: libraries take 1 GB of it
constexpr std::uint64_t scratch_octets = 256u << 20; // document, PDF, LibreOffice's temporary files
constexpr std::uint32_t scratch_files = 4096;
constexpr std::uint32_t cpu_seconds = 900; // more than any deadline; the clock is the nursery's

// Fonts, locale and libraries are the host's.  Nothing here tells of its users, its files or other
// jobs.
std::vector<std::string> places(const std::string &installation) {
  return {installation,
          "/usr/share/libreoffice",
          "/etc/libreoffice",
          "/var/lib/libreoffice",
          "/usr/lib/x86_64-linux-gnu",
          "/lib/x86_64-linux-gnu",
          "/usr/lib/locale/C.utf8",
          "/etc/ld.so.cache",
          "/etc/fonts",
          "/usr/share/fontconfig",
          "/usr/share/fonts",
          "/usr/share/liblangtag",
          "/usr/share/libexttextcat",
          "/var/cache/fontconfig",
          "/dev/null",
          "/dev/urandom"};
}

// What LibreOffice calls with documents of all kinds; the rest fails without harm, programs (it
// looks for gpg) and sockets (a name service) among it.  clone makes threads only.
constexpr const char *worker_calls[] = {
    "read", "write", "pread64", "pwrite64", "writev", "lseek", "close", "openat", "open", "access",
    "faccessat", "faccessat2", "newfstatat", "fstat", "stat", "lstat", "statx", "statfs", "fstatfs",
    "readlink", "getdents64", "getcwd", "unlink", "rename", "mkdir", "rmdir", "chmod", "fchmod",
    "ftruncate", "fallocate", "fsync", "fdatasync", "fadvise64", "fcntl", "dup", "pipe2",
    "eventfd2", "poll", "ppoll", "recvmsg", "mmap-libraries", "munmap", "mremap", "madvise", "brk",
    "mlock", "futex", "clone", "set_robust_list", "rseq", "gettid", "getpid", "sched_yield",
    "sched_getaffinity", "seccomp", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    "tgkill", "clock_gettime", "clock_getres", "gettimeofday", "clock_nanosleep", "nanosleep",
    "restart_syscall", "getrandom", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo",
    "getrusage", "times", "prlimit64", "exit", "exit_group"};

// Beside a worker's, because the filters of nursery and worker both count: requests, children, and
// what their worlds and jails are made with.
constexpr const char *nursery_calls[] = {
    "recvfrom", "sendmsg", "socketpair", "close_range", "fork", "kill", "wait4", "unshare", "mount",
    "capset", "setgroups", "setresuid", "setresgid", "setrlimit", "seccomp",
    "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "prctl",
    "mprotect-code"};

/// For good, but with what a user namespace will need; jail::become() in the worker does the rest.
Result<void> change_user(const worker::Identity &identity) {
  if (::geteuid() != 0) return {}; // already somebody
  if (::setgroups(0, nullptr) != 0 || ::setresgid(identity.gid, identity.gid, identity.gid) != 0 ||
      ::setresuid(identity.uid, identity.uid, identity.uid) != 0)
    return fail("cannot change the user");
  return {};
}

} // namespace

Result<void> enter_own_world(const worker::Identity &identity, const std::string &installation) {
  TRY(change_user(identity));
  TRY(jail::enter({.network = true,
                   .mounts = true,
                   .keep_root = true,
                   .ipc = true,
                   .uts = true,
                   .pid = true,
                   .users = true}));
  return jail::enter_tree({places(installation), window_descriptions(installation), scratch});
}

Result<void> jail_waiter() {
  jail::close_all_but({});
  TRY(jail::become(::getuid(), ::getgid()));
  return jail::allow_calls(worker::waiter_calls, true);
}

namespace {

/// The calls of a worker, and these.
Result<void> allow_worker_calls_and(std::span<const char *const> more) {
  std::vector<const char *> calls(std::begin(worker_calls), std::end(worker_calls));
  calls.insert(calls.end(), more.begin(), more.end());
  return jail::allow_calls(calls, false);
}

} // namespace

Result<void> jail_nursery() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail("cannot ask to end with the parent");
  jail::Limits limits;
  limits.open_files = 256;
  TRY(jail::limit(limits));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail("cannot refuse new privileges");
  return allow_worker_calls_and(nursery_calls);
}

Result<void> enter_worker_world() {
  TRY(jail::enter(
      {.network = true, .mounts = true, .keep_root = true, .ipc = true, .uts = true, .pid = true}));
  return jail::mount_scratch(scratch, scratch_octets, scratch_files);
}

Result<void> jail_worker(const std::string &installation, int channel, int also) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail("cannot ask to end with the parent");
  const int keep[] = {channel, also};
  jail::close_all_but(keep);
  jail::Limits limits;
  limits.address_space = worker_memory;
  limits.cpu_seconds = cpu_seconds;
  limits.open_files = 256;
  limits.processes = 256;
  limits.file_size = scratch_octets;
  TRY(jail::limit(limits));
  TRY(jail::become(::getuid(), ::getgid()));
  std::vector<std::string> seen = places(installation);
  seen.push_back(jail::originals);
  std::vector<jail::FileAccess> files = {{scratch, true}};
  for (const std::string &place : seen)
    if (::access(place.c_str(), F_OK) == 0) files.push_back({place, false});
  TRY(jail::allow_files(files));
  constexpr const char *to_start[] = {"mprotect-code", "prctl"};
  return allow_worker_calls_and(to_start);
}

Result<void> forbid_new_code() {
  constexpr const char *no_code[] = {"mprotect"};
  return allow_worker_calls_and(no_code);
}

} // namespace sekisho::office
