#include "gateway/cli/output_file.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace sekisho::cli {
namespace {

Failure<Error> cannot_write(const std::string &path) {
  return fail("cannot write " + path + ": " + std::strerror(errno));
}

bool write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

bool is_special(const std::string &path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

/// Where a link leads, else `path`; empty for a link that leads nowhere.
std::string behind_links(const std::string &path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return path;
  std::unique_ptr<char, void (*)(void *)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? real.get() : "";
}

/// As the file that it replaces, where there is one.
bool give_owner_and_mode(int fd, const std::string &path) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0) return ::fchmod(fd, usual_mode()) == 0;
  // Where root is not there to give files away, the mode alone stays.
  if (::fchown(fd, before.st_uid, before.st_gid) != 0 && errno != EPERM) return false;
  return ::fchmod(fd, before.st_mode & 0777) == 0;
}

} // namespace

Result<void> write_file(const std::string &path, Bytes bytes) {
  if (is_special(path)) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || !write_all(file.get(), bytes)) return cannot_write(path);
    return {};
  }
  const std::string place = behind_links(path);
  if (place.empty()) return cannot_write(path);
  std::string beside = place + ".XXXXXX";
  UniqueFd file(::mkostemp(beside.data(), O_CLOEXEC));
  if (!file) return cannot_write(path);
  const bool written = write_all(file.get(), bytes) && give_owner_and_mode(file.get(), place) &&
                       ::fsync(file.get()) == 0 && ::rename(beside.c_str(), place.c_str()) == 0;
  if (written) return {};
  Failure<Error> failure = cannot_write(path);
  ::unlink(beside.c_str());
  return failure;
}

} // namespace sekisho::cli
