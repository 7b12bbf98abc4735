#include "gateway/cli/output_file.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

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

constexpr std::array signals_that_end = {SIGINT, SIGTERM, SIGHUP};

sigset_t set_of_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : signals_that_end) ::sigaddset(&set, signal);
  return set;
}

std::set<std::string> unfinished; // files to take away when a signal ends the program
std::atomic_flag unfinished_is_taken;

void take_unfinished() {
  while (unfinished_is_taken.test_and_set()) ::sched_yield();
}

/// Such signals wait in the thread that changes `unfinished`: their handler takes it too.
class Change {
public:
  Change() {
    const sigset_t set = set_of_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, &before_);
    take_unfinished();
  }
  ~Change() {
    unfinished_is_taken.clear();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  Change(const Change &) = delete;
  Change &operator=(const Change &) = delete;

private:
  sigset_t before_;
};

/// Never gives `unfinished` back: no file is begun any more.
void end_by(int signal) {
  take_unfinished();
  for (const std::string &name : unfinished) ::unlink(name.c_str());
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

/// What whoever started the program wants ignored (nohup) stays so.
bool catch_signals() {
  struct sigaction ours {}, before {};
  ours.sa_handler = end_by;
  ours.sa_mask = set_of_signals();
  for (const int signal : signals_that_end)
    if (::sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) ::sigaction(signal, &ours, nullptr);
  return true;
}

/// A new file beside `path`.  Unless it was put there it goes, also when a signal ends the program.
class FileBeside {
public:
  explicit FileBeside(const std::string &path) : path_(path), name_(path + ".XXXXXX") {
    [[maybe_unused]] static const bool caught = catch_signals();
    const Change change;
    file_.reset(::mkostemp(name_.data(), O_CLOEXEC));
    if (file_) unfinished.insert(name_);
  }
  ~FileBeside() {
    if (!file_) return;
    const Change change;
    unfinished.erase(name_);
    if (!is_placed_) ::unlink(name_.c_str());
  }
  FileBeside(const FileBeside &) = delete;
  FileBeside &operator=(const FileBeside &) = delete;

  /// -1: could not be made.
  int fd() const { return file_.get(); }
  bool place() { return is_placed_ = ::rename(name_.c_str(), path_.c_str()) == 0; }

private:
  const std::string &path_;
  std::string name_;
  UniqueFd file_;
  bool is_placed_ = false;
};

Result<void> replace(const std::string &path, Bytes bytes, const struct stat *before) {
  FileBeside file(path);
  const bool written = file.fd() >= 0 && write_all(file.fd(), bytes) && give_owner_and_mode(file.fd(), before) &&
                       ::fsync(file.fd()) == 0 && file.place();
  if (!written) return cannot_write(path);
  return {};
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
