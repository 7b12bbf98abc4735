// mount_namespaces(7), pivot_root(2): a root of one's own, empty or with chosen places of the host.
#include "base/jail/failure.hh"
#include "base/jail/jail.hh"
#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <map>

namespace sekisho::jail {
namespace {

namespace fs = std::filesystem;

/// Where the new root is put together: a folder that every host has and no tree needs.
const fs::path new_root = "/proc";

fs::path inside(const fs::path &place) {
  return new_root / place.relative_path();
}

Result<void> make_folder(const fs::path &folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail("cannot make " + folder.string() + ": " + error.message());
  return {};
}

Result<void> make_file(const fs::path &path, std::string_view contents) {
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  if (!file) return fail_errno("make " + path.string());
  if (::write(file.get(), contents.data(), contents.size()) !=
      static_cast<ssize_t>(contents.size()))
    return fail_errno("write " + path.string());
  return {};
}

// mount_setattr(2): flags are only added, those that the host has locked stay.
Result<void> take_rights(const fs::path &mount, bool is_device) {
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
  if (!is_device) attributes.attr_set |= MOUNT_ATTR_NODEV;
  if (::mount_setattr(AT_FDCWD, mount.c_str(), AT_RECURSIVE, &attributes, sizeof attributes) != 0)
    return fail_errno("make " + mount.string() + " read-only");
  return {};
}

Result<void> bind(const fs::path &place, const fs::path &to, const struct stat &status) {
  if (S_ISDIR(status.st_mode)) {
    TRY(make_folder(to));
  } else {
    TRY(make_folder(to.parent_path()));
    TRY(make_file(to, ""));
  }
  if (::mount(place.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0)
    return fail_errno("show " + place.string());
  return take_rights(to, S_ISCHR(status.st_mode));
}

Result<void> mount_memory(const fs::path &to, const std::string &options) {
  if (::mount("none", to.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.c_str()) != 0)
    return fail_errno("mount memory at " + to.string());
  return {};
}

/// The folder becomes links to what was there, and the new files beside them.
Result<void> add_files(const fs::path &folder, const std::map<std::string, std::string> &files) {
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0) return {};
  const fs::path behind = fs::path(originals) / folder.relative_path();
  TRY(bind(folder, inside(behind), status));
  TRY(mount_memory(inside(folder), "size=1m,nr_inodes=4096,mode=0755"));
  std::error_code error;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder, error))
    fs::create_symlink(behind / entry.path().filename(), inside(folder) / entry.path().filename(),
                       error);
  if (error) return fail("cannot copy " + folder.string() + ": " + error.message());
  for (const auto &[name, contents] : files)
    if (!fs::exists(folder / name, error)) TRY(make_file(inside(folder) / name, contents));
  return take_rights(inside(folder), false);
}

Result<void> fill(const Tree &tree) {
  for (const fs::path place : tree.places) {
    struct stat status {};
    if (::stat(place.c_str(), &status) == 0) TRY(bind(place, inside(place), status));
  }
  std::map<fs::path, std::map<std::string, std::string>> additions;
  for (const auto &[path, contents] : tree.additions)
    additions[fs::path(path).parent_path()][fs::path(path).filename()] = contents;
  for (const auto &[folder, files] : additions)
    TRY(add_files(folder, files));
  if (!tree.scratch.empty()) TRY(make_folder(inside(tree.scratch)));
  return {};
}

} // namespace

// pivot_root(".", "."): the old root ends up stacked on the new one and is taken off.
Result<void> enter_tree(const Tree &tree) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail_errno("make the mounts private");
  TRY(mount_memory(new_root, "size=256k,nr_inodes=512,mode=0755"));
  TRY(fill(tree));
  if (::mount(nullptr, new_root.c_str(), nullptr,
              MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    return fail_errno("make the new root read-only");
  if (::chdir(new_root.c_str()) != 0) return fail_errno("enter the new root");
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return fail_errno("change the root");
  if (::umount2(".", MNT_DETACH) != 0) return fail_errno("leave the old root");
  if (::chdir("/") != 0) return fail_errno("enter the new root");
  return {};
}

Result<void> mount_scratch(const std::string &folder, std::uint64_t octets, std::uint32_t files) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail_errno("make the mounts private");
  return mount_memory(folder, "size=" + std::to_string(octets) +
                                  ",nr_inodes=" + std::to_string(files) + ",mode=0700");
}

} // namespace sekisho::jail
