#include "gateway/cli/output_file.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

/// `before`: whose owner and mode the new file gets.
bool give_owner_and_mode(int fd, const struct stat *before) {
  if (!before) return ::fchmod(fd, usual_mode()) == 0;
  // Where root is not there to give files away, the mode alone stays.
  if (::fchown(fd, before->st_uid, before->st_gid) != 0 && errno != EPERM) return false;
  return ::fchmod(fd, before->st_mode & 07777) == 0;
}

Result<void> replace(const std::string &path, Bytes bytes, const struct stat *before) {
  std::string beside = path + ".XXXXXX";
  UniqueFd file(::mkostemp(beside.data(), O_CLOEXEC));
  if (!file) return cannot_write(path);
  const bool written = write_all(file.get(), bytes) && give_owner_and_mode(file.get(), before) &&
                       ::fsync(file.get()) == 0 && ::rename(beside.c_str(), path.c_str()) == 0;
  if (written) return {};
  Failure<Error> failure = cannot_write(path);
  ::unlink(beside.c_str());
  return failure;
}

bool is_special(const std::string &path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

} // namespace

Result<void> write_file(const std::string &path, Bytes bytes) {
  if (path == "-") return fail("cannot write -: name a file, or /dev/stdout");
  if (path == "/dev/stdout") { // behind what was said so far, and before what will be
    if (std::fflush(stdout) != 0 || !write_all(STDOUT_FILENO, bytes)) return cannot_write(path);
    return {};
  }
  if (path.starts_with("/dev/") || path.starts_with("/proc/") || is_special(path)) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!file || !write_all(file.get(), bytes)) return cannot_write(path);
    return {};
  }
  return replace(path, bytes, nullptr);
}

Result<void> rewrite_file(const std::string &path, Bytes bytes) {
  const std::unique_ptr<char, void (*)(void *)> place(::realpath(path.c_str(), nullptr), std::free);
  struct stat before {};
  if (!place || ::stat(place.get(), &before) != 0) return cannot_write(path);
  return replace(place.get(), bytes, &before);
}

} // namespace sekisho::cli
