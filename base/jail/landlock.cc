// landlock(7): which files, for a process that needs some.
#include "base/jail/failure.hh"
#include "base/jail/jail.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sekisho::jail {
namespace {

// Newer than Debian 12's headers; the kernel says by its ABI number whether it knows them.
constexpr std::uint64_t access_truncate = 1u << 14;     // ABI 3
constexpr std::uint64_t access_ioctl_device = 1u << 15; // ABI 5

constexpr std::uint64_t read_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t write_access =
    LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER |
    access_truncate;
// Those that make sense for a file itself; the kernel refuses the others on one.
constexpr std::uint64_t file_only = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                    LANDLOCK_ACCESS_FS_READ_FILE | access_truncate;

std::uint64_t handled_by(long abi) {
  std::uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; // ABI 1: up to MAKE_SYM
  if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all |= access_truncate;
  if (abi >= 5) all |= access_ioctl_device;
  return all;
}

Result<void> add_rule(int ruleset, const FileAccess &file, std::uint64_t handled) {
  UniqueFd place(::open(file.path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return fail_errno("open " + file.path);
  struct stat status {};
  if (::fstat(place.get(), &status) != 0) return fail_errno("look at " + file.path);
  std::uint64_t allowed = file.write ? read_access | write_access : read_access;
  if (!S_ISDIR(status.st_mode)) allowed &= file_only;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = allowed & handled;
  rule.parent_fd = place.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    return fail_errno("allow " + file.path);
  return {};
}

} // namespace

Result<void> allow_files(std::span<const FileAccess> files) {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return fail_errno("use landlock (is it in this kernel's lsm= list?)");
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = handled_by(abi);
  UniqueFd ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (!ruleset) return fail_errno("make a landlock rule set");
  for (const FileAccess &file : files)
    TRY(add_rule(ruleset.get(), file, attributes.handled_access_fs));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("refuse new privileges");
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return fail_errno("apply landlock");
  return {};
}

} // namespace sekisho::jail
