// The kernel's means of having less: one facility a file, used by workers and roles alike.  Order of use:
// open what is needed, namespaces, limits, identity, landlock, seccomp.  Each returns what could not be
// done; a caller that cannot jail itself ends.
#pragma once

#include "base/result.hh"

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sekisho::jail {

// namespaces.cc ---------------------------------------------------------------------------------------
struct Namespaces {
  bool network = false; // a new, empty one: no interface is up
  bool mounts = false;  // an empty read-only root: nothing to open (needs CAP_SYS_ADMIN or `users`)
  bool keep_root = false; // with mounts: the root stays as it is, for enter_tree() or mount_scratch()
  bool ipc = false, uts = false;
  bool pid = false;     // for the children forked afterwards
  bool users = false;   // as an unprivileged caller: maps the present uid to itself
};
Result<void> enter(const Namespaces &namespaces);

// tree.cc ---------------------------------------------------------------------------------------------
/// What a process that must open files sees: chosen places of the host under their own paths, read-only, no
/// set-user-id.  A place that this host does not have is left out.
struct Tree {
  std::vector<std::string> places; // folders, files or devices; absolute
  /// Path and contents of files shown beside those of a folder of `places`.  A file that is already there
  /// stays as it is; one whose folder is not there is left out.
  std::vector<std::pair<std::string, std::string>> additions;
  std::string scratch; // an empty folder for mount_scratch(); may be empty
};
/// In the tree: the folders that files were added to, as they are on the host.
constexpr const char *originals = "/originals";
/// Makes it the root; the host's is gone for good.  In mounts of one's own (Namespaces::keep_root).
Result<void> enter_tree(const Tree &tree);
/// Memory to write to, at most so much; nothing in it can be mapped as code.  In mounts of one's own.
Result<void> mount_scratch(const std::string &folder, std::uint64_t octets, std::uint32_t files);

// limits.cc -------------------------------------------------------------------------------------------
struct Limits {
  std::uint64_t address_space = 0; // octets, 0 = leave
  std::uint32_t cpu_seconds = 0;
  std::uint32_t open_files = 0;
  std::uint32_t processes = 0; // and threads, of the user as a whole
  std::uint64_t file_size = 0; // octets of one file, 0 = leave
  bool no_core = true;
  bool no_file_size = false; // RLIMIT_FSIZE 0: no file can grow
};
Result<void> limit(const Limits &limits);
/// Closes every descriptor not listed, stdin, stdout and stderr included.
void close_all_but(std::span<const int> keep);

// identity.cc -----------------------------------------------------------------------------------------
/// No supplementary groups, no capabilities, no new privileges, not dumpable (so not ptrace-able by the
/// same user); a parent-death signal stays set.  As root any id; else only the present ones (with a user
/// namespace: see Namespaces::users).
Result<void> become(uid_t uid, gid_t gid);

// landlock.cc -----------------------------------------------------------------------------------------
struct FileAccess {
  std::string path; // a folder or file
  bool write = false;
};
/// Nothing of the file system is reachable but what is listed; nothing of it can be executed.  Holds for the
/// calling thread and those it starts later.  Where the kernel has no landlock: an error.
Result<void> allow_files(std::span<const FileAccess> files);

// seccomp.cc ------------------------------------------------------------------------------------------
/// Every call not named fails with EPERM (`kill` false) or ends the process (`kill` true); applied to all
/// threads.  Names as in the manual ("read"); one unknown to the kernel headers is an error.
/// socket() is only allowed by naming it, or "socket-tcp" for TCP alone, "socket-unix" for
/// unix stream sockets alone; clone only makes threads unless "fork" is named, never namespaces.
/// mmap and mprotect are allowed without PROT_EXEC: libraries must be loaded before.  "mmap-libraries" is mmap
/// that may also map files as code, though never writable: for who loads some later.  "mprotect-code" is mprotect
/// that makes code too: for the time before a second, narrower filter.
Result<void> allow_calls(std::span<const char *const> names, bool kill);

/// The same, made beforehand: making one takes longer than a fork.
class CallFilter {
public:
  /// Not behind another filter: needs a pipe.
  static Result<CallFilter> make(std::span<const char *const> names, bool kill);
  Result<void> apply() const;

private:
  std::vector<std::uint64_t> program_; // of struct sock_filter
};

} // namespace sekisho::jail
