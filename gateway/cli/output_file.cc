#include "gateway/cli/output_file.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

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

} // namespace

Result<void> write_file(const std::string &path, Bytes bytes) {
  if (is_special(path)) {
    UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file || !write_all(file.get(), bytes)) return cannot_write(path);
    return {};
  }
  std::string beside = path + ".XXXXXX";
  UniqueFd file(::mkostemp(beside.data(), O_CLOEXEC));
  if (!file) return cannot_write(path);
  const bool written = write_all(file.get(), bytes) && ::fchmod(file.get(), usual_mode()) == 0 &&
                       ::fsync(file.get()) == 0 && ::rename(beside.c_str(), path.c_str()) == 0;
  if (written) return {};
  Failure<Error> failure = cannot_write(path);
  ::unlink(beside.c_str());
  return failure;
}

} // namespace sekisho::cli
