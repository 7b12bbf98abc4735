// credentials(7), capabilities(7): be nobody in particular, for good.
#include "base/jail/failure.hh"
#include "base/jail/jail.hh"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sekisho::jail {
namespace {

// The bounding set goes while CAP_SETPCAP is still there; without it there is nothing to lose.
Result<void> empty_bounding_set() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM)
      return fail_errno("drop a capability from the bounding set");
  return {};
}

Result<void> change_ids(uid_t uid, gid_t gid) {
  const bool already =
      ::getuid() == uid && ::geteuid() == uid && ::getgid() == gid && ::getegid() == gid;
  // In a user namespace of our own setgroups is denied for good, and the ids are already ours.
  if (::setgroups(0, nullptr) != 0 && !(already && errno == EPERM))
    return fail_errno("leave the supplementary groups");
  if (::setresgid(gid, gid, gid) != 0) return fail_errno("change the group");
  if (::setresuid(uid, uid, uid) != 0) return fail_errno("change the user");
  return {};
}

Result<void> drop_capabilities() {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return fail_errno("clear the ambient capabilities");
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct nothing[2] = {};
  if (::syscall(SYS_capset, &header, nothing) != 0) return fail_errno("drop the capabilities");
  return {};
}

} // namespace

Result<void> become(uid_t uid, gid_t gid) {
  if (uid == 0 && ::geteuid() != 0) return fail("cannot become root");
  int signal_of_parents_death = 0; // the kernel forgets it when the credentials change
  ::prctl(PR_GET_PDEATHSIG, &signal_of_parents_death);
  TRY(empty_bounding_set());
  TRY(change_ids(uid, gid));
  TRY(drop_capabilities());
  if (::prctl(PR_SET_PDEATHSIG, signal_of_parents_death, 0, 0, 0) != 0)
    return fail_errno("keep the signal of the parent's death");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("refuse new privileges");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("refuse to be traced");
  return {};
}

} // namespace sekisho::jail
