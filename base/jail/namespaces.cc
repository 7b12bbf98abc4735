// namespaces(7): an own, empty view of network, files, processes and names.
#include "base/jail/failure.hh"
#include "base/jail/jail.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace sekisho::jail {
namespace {

Result<void> write_proc_file(const char *path, const std::string &text) {
  UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  if (!file) return fail_errno(std::string("open ") + path);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return fail_errno(std::string("write ") + path);
  return {};
}

// user_namespaces(7): an unprivileged caller may map only itself, and must give up setgroups first.
Result<void> enter_user_namespace() {
  const std::string uid = std::to_string(::geteuid());
  const std::string gid = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER) != 0) return fail_errno("make a user namespace");
  // After a change of user /proc/self belongs to root, unless one may be looked at.
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return fail_errno("own /proc/self");
  TRY(write_proc_file("/proc/self/setgroups", "deny"));
  TRY(write_proc_file("/proc/self/uid_map", uid + " " + uid + " 1\n"));
  TRY(write_proc_file("/proc/self/gid_map", gid + " " + gid + " 1\n"));
  return {};
}

} // namespace

Result<void> enter(const Namespaces &namespaces) {
  if (namespaces.users) TRY(enter_user_namespace());
  int flags = 0;
  if (namespaces.network) flags |= CLONE_NEWNET;
  if (namespaces.mounts) flags |= CLONE_NEWNS;
  if (namespaces.ipc) flags |= CLONE_NEWIPC;
  if (namespaces.uts) flags |= CLONE_NEWUTS;
  if (namespaces.pid) flags |= CLONE_NEWPID;
  if (flags != 0 && ::unshare(flags) != 0) return fail_errno("make namespaces");
  if (namespaces.mounts && !namespaces.keep_root) TRY(enter_tree({}));
  return {};
}

} // namespace sekisho::jail
