// seccomp(2) through libseccomp: which system calls are left.
#include "base/jail/failure.hh"
#include "base/jail/jail.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace sekisho::jail {
namespace {

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

constexpr std::uint64_t namespace_flags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                          CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                          CLONE_NEWNET;

/// The argument, with only the bits of `mask` looked at, is `value`.
scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

Result<void> check(int status, std::string_view name) {
  if (status == 0) return {};
  return fail("cannot allow the system call " + std::string(name) + ": " + std::strerror(-status));
}

// clone3 keeps its flags where no filter can see them: ENOSYS makes the C library fall back to
// clone.
Result<void> allow_clone(scmp_filter_ctx filter, bool processes) {
  const scmp_arg_cmp flags =
      processes ? masked(0, namespace_flags, 0) : masked(0, CLONE_THREAD, CLONE_THREAD);
  TRY(check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, flags), "clone"));
  return check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

// Memory that is data never becomes code.
Result<void> allow_without_exec(scmp_filter_ctx filter, int number, std::string_view name) {
  const scmp_arg_cmp no_exec = masked(2, PROT_EXEC, 0);
  return check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, no_exec), name);
}

Result<void> allow_library_mappings(scmp_filter_ctx filter) {
  TRY(allow_without_exec(filter, SCMP_SYS(mmap), "mmap"));
  const int status = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                                      masked(2, PROT_EXEC | PROT_WRITE, PROT_EXEC),
                                      masked(3, MAP_ANONYMOUS | MAP_SHARED, 0));
  return check(status, "mmap-libraries");
}

// socket(2) for streams of these families, and nothing else.
Result<void> allow_stream_sockets(scmp_filter_ctx filter, std::initializer_list<int> families) {
  constexpr scmp_datum_t type_bits = 0xf; // without SOCK_CLOEXEC and SOCK_NONBLOCK
  for (int family : families) {
    const int status =
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                         masked(0, ~std::uint64_t{0}, static_cast<std::uint64_t>(family)),
                         masked(1, type_bits, SOCK_STREAM));
    TRY(check(status, "socket"));
  }
  return {};
}

Result<void> allow(scmp_filter_ctx filter, std::string_view name) {
  if (name == "socket-tcp") return allow_stream_sockets(filter, {AF_INET, AF_INET6});
  if (name == "socket-unix") return allow_stream_sockets(filter, {AF_UNIX});
  if (name == "mmap-libraries") return allow_library_mappings(filter);
  if (name == "mprotect-code")
    return check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0), name);
  if (name == "clone" || name == "fork") return {}; // see allow_clone
  if (name == "clone3") return fail("clone3 cannot be filtered: name clone or fork");
  const int number = seccomp_syscall_resolve_name(std::string(name).c_str());
  if (number == __NR_SCMP_ERROR) return fail("no such system call: " + std::string(name));
  if (name == "mmap" || name == "mprotect" || name == "pkey_mprotect")
    return allow_without_exec(filter, number, name);
  return check(seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0), name);
}

Result<Filter> make_filter(std::span<const char *const> names, bool kill) {
  Filter filter(seccomp_init(kill ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM)),
                &seccomp_release);
  if (!filter) return fail("cannot make a seccomp filter");
  TRY(check(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
            "(architecture)"));
  TRY(check(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1), "(all threads)"));
  const auto named = [&](std::string_view name) {
    return std::any_of(names.begin(), names.end(), [&](const char *n) { return name == n; });
  };
  for (const char *name : names)
    TRY(allow(filter.get(), name));
  if (named("fork") || named("clone")) TRY(allow_clone(filter.get(), named("fork")));
  return filter;
}

} // namespace

Result<void> allow_calls(std::span<const char *const> names, bool kill) {
  Result<Filter> filter = make_filter(names, kill);
  if (!filter) return fail(filter.error());
  const int status = seccomp_load(filter->get());
  if (status != 0)
    return fail(std::string("cannot apply the seccomp filter: ") + std::strerror(-status));
  return {};
}

static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));

Result<CallFilter> CallFilter::make(std::span<const char *const> names, bool kill) {
  Result<Filter> filter = make_filter(names, kill);
  if (!filter) return fail(filter.error());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fail_errno("make a pipe");
  const UniqueFd out(ends[0]), in(ends[1]);
  const int status = seccomp_export_bpf(filter->get(), in.get());
  CallFilter made;
  made.program_.resize(BPF_MAXINSNS);
  const ssize_t got =
      ::read(out.get(), made.program_.data(), made.program_.size() * sizeof(std::uint64_t));
  if (status != 0 || got <= 0 || got % static_cast<ssize_t>(sizeof(std::uint64_t)) != 0)
    return fail("cannot have the seccomp filter written");
  made.program_.resize(static_cast<std::size_t>(got) / sizeof(std::uint64_t));
  return made;
}

Result<void> CallFilter::apply() const {
  std::vector<std::uint64_t> program = program_;
  sock_fprog filter{static_cast<unsigned short>(program.size()),
                    reinterpret_cast<sock_filter *>(program.data())};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("refuse new privileges");
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter) != 0)
    return fail_errno("apply the seccomp filter");
  return {};
}

} // namespace sekisho::jail
