#include "gateway/role/state_file.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sekisho::role {
namespace {

std::string because() { return ": " + std::string(std::strerror(errno)); }

std::string folder_of(const std::string &path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Result<void> flush_folder_of(const std::string &path) {
  UniqueFd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return fail("cannot flush the folder of " + path + because());
  return {};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

Result<void> replace_file(const std::string &path, std::string_view text, unsigned mode) {
  std::string draft = path + ".new";
  UniqueFd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file) return fail("cannot write " + draft + because());
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) return fail("cannot write " + draft + because());
  if (::rename(draft.c_str(), path.c_str()) != 0) return fail("cannot replace " + path + because());
  return flush_folder_of(path);
}

Result<std::optional<std::string>> read_state_file(const std::string &path, std::size_t limit) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return std::optional<std::string>();
  if (!file) return fail("cannot read " + path + because());
  std::string text;
  char part[65536];
  for (;;) {
    ssize_t length = ::read(file.get(), part, sizeof part);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return fail("cannot read " + path + because());
    if (length == 0) return std::optional(std::move(text));
    text.append(part, static_cast<std::size_t>(length));
    if (text.size() > limit) return fail("cannot read " + path + ": larger than it can be");
  }
}

Result<void> remove_file(const std::string &path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return fail("cannot remove " + path + because());
  return flush_folder_of(path);
}

} // namespace sekisho::role
