#include "gateway/role/severed.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>

namespace sekisho::role {
namespace {

constexpr std::size_t max_file = 64 * 1024; // octets

std::string because() { return ": " + std::string(std::strerror(errno)); }

std::string folder_of(const std::string &path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

/// rename(2) replaces whole or not at all; both the file and its name are flushed.
Result<void> replace_file(const std::string &path, const std::string &text) {
  std::string draft = path + ".new";
  UniqueFd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file) return fail("cannot write " + draft + because());
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
      ::fsync(file.get()) != 0)
    return fail("cannot write " + draft + because());
  if (::rename(draft.c_str(), path.c_str()) != 0) return fail("cannot replace " + path + because());
  UniqueFd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return fail("cannot flush the folder of " + path + because());
  return {};
}

std::string join_lines(const std::set<std::string> &zones, char separator) {
  std::string text;
  for (const std::string &zone : zones) text += zone + separator;
  return text;
}

} // namespace

Result<Severed> Severed::open(std::string path) {
  Severed severed;
  severed.path_ = std::move(path);
  UniqueFd file(::open(severed.path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && errno == ENOENT) return severed;
  std::string text(max_file, '\0');
  ssize_t length = file ? ::read(file.get(), text.data(), text.size()) : -1;
  // Not knowing which zones are cut off, none may be opened.
  if (length < 0 || length == static_cast<ssize_t>(max_file))
    return fail("cannot read which zones are severed: " + severed.path_ + because());
  text.resize(static_cast<std::size_t>(length));
  std::istringstream words(text);
  for (std::string zone; words >> zone;) severed.zones_.insert(zone);
  return severed;
}

std::string Severed::text() const {
  std::string text = join_lines(zones_, ' ');
  if (!text.empty()) text.pop_back();
  return text;
}

Result<void> Severed::sever(const std::string &zone) {
  std::set<std::string> zones = zones_;
  zones.insert(zone);
  return store(std::move(zones));
}

Result<void> Severed::join(const std::string &zone) {
  std::set<std::string> zones = zones_;
  zones.erase(zone);
  return store(std::move(zones));
}

Result<void> Severed::store(std::set<std::string> zones) {
  TRY(replace_file(path_, join_lines(zones, '\n')));
  zones_ = std::move(zones);
  return {};
}

} // namespace sekisho::role
