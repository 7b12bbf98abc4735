#include "sanitizer/worker/jails.hh"

#include "base/log.hh"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace sekisho::worker {
namespace {

constexpr std::uint64_t file_memory = std::uint64_t{2} << 30; // a page of 36 Mpixel and its codings
constexpr std::uint64_t mail_memory = std::uint64_t{2} << 30;
constexpr std::uint32_t mail_cpu_seconds = 1200; // over all mails of one worker

// To read: requests with descriptors, the end of children.  seccomp, prctl, prlimit64 and
// close_range are for the jail of each child.
constexpr const char *zygote_calls[] = {
    "recvmsg",         "poll",           "ppoll",        "read",         "write",
    "close",           "close_range",    "fork",         "kill",         "wait4",
    "seccomp",         "prctl",          "prlimit64",    "setrlimit",    "mmap",
    "munmap",          "mremap",         "mprotect",     "brk",          "madvise",
    "futex",           "getpid",         "gettid",       "tgkill",       "getrandom",
    "set_robust_list", "rt_sigprocmask", "rt_sigreturn", "rt_sigaction", "restart_syscall",
    "clock_gettime",   "exit",           "exit_group"};

constexpr const char *worker_calls[] = {
    "read",  "write",         "mmap",      "munmap",  "mremap",       "mprotect", "brk",
    "futex", "clock_gettime", "getrandom", "madvise", "rt_sigreturn", "exit",     "exit_group"};

#ifdef SEKISHO_WITHOUT_JAIL // a build with a sanitizer, whose runtime needs what the jail refuses
constexpr bool jail_memory_and_calls = false;
#else
constexpr bool jail_memory_and_calls = true;
#endif

bool is_root() {
  return ::geteuid() == 0;
}

Result<void> allow(std::span<const char *const> calls, bool kill) {
  if (!jail_memory_and_calls) return {};
  return jail::allow_calls(calls, kill);
}

/// Made in the zygote, applied in each of its children.
const Result<jail::CallFilter> &worker_filter() {
  static const Result<jail::CallFilter> filter = jail::CallFilter::make(worker_calls, true);
  return filter;
}

// A second fence behind the empty root.
Result<void> forbid_files() {
  return jail::allow_files({});
}

Result<void> become(const Identity &identity) {
  return is_root() ? jail::become(identity.uid, identity.gid)
                   : jail::become(::getuid(), ::getgid());
}

} // namespace

Result<void> enter_namespaces() {
  jail::Namespaces all{.network = true, .mounts = true, .ipc = true, .uts = true, .pid = true};
  if (is_root()) {
    if (auto entered = jail::enter(all)) return {};
  }
  all.users = true;
  if (auto entered = jail::enter(all); !entered)
    log_info("no namespaces (" + entered.error().what + "): landlock and seccomp only");
  return {};
}

Result<void> jail_zygote(const Identity &identity) {
  jail::Limits limits;
  limits.open_files = 256; // no limit of file size: standard error may be a file
  if (jail_memory_and_calls && !worker_filter()) return fail(worker_filter().error());
  TRY(jail::limit(limits));
  TRY(become(identity));
  // After the change of identity, which would clear it: the zygote does not outlive who started it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail("cannot ask to end with the parent");
  TRY(forbid_files());
  return allow(zygote_calls, false);
}

Result<void> jail_waiter(const Identity &identity) {
  jail::close_all_but({});
  TRY(become(identity));
  TRY(forbid_files());
  return allow(waiter_calls, true);
}

Result<void> jail_worker(client::protocol::Worker kind, std::uint32_t milliseconds, int stream,
                         int also) {
  const bool file = kind == client::protocol::Worker::file;
  const int keep[] = {stream, also};
  jail::close_all_but(keep);
  jail::Limits limits;
  if (jail_memory_and_calls) limits.address_space = file ? file_memory : mail_memory;
  limits.cpu_seconds = file ? milliseconds / 1000 + 2 : mail_cpu_seconds;
  limits.no_file_size = true;
  TRY(jail::limit(limits));
  if (!jail_memory_and_calls) return {};
  return worker_filter() ? worker_filter()->apply() : fail(worker_filter().error());
}

} // namespace sekisho::worker
