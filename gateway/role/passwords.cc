// Password files: read by root, and only what is nobody else's to read.
#include "gateway/role/policy.hh"

#include "base/unique_fd.hh"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace sekisho::role {
namespace {

/// The first and only line of a regular file that is its owner's alone.
Result<std::string> read_password(const std::string &path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail("cannot read " + path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 077) != 0)
    return fail(path + ": a password's file belongs to root, and nobody else may read it (chmod 600)");
  std::array<char, max_password + 3> octets;
  const ssize_t size = ::read(fd.get(), octets.data(), octets.size());
  if (size < 0) return fail("cannot read " + path + ": " + std::strerror(errno));
  std::string line(octets.data(), static_cast<std::size_t>(size));
  if (line.ends_with('\n')) line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  const bool proper = !line.empty() && line.size() <= max_password && std::ranges::none_of(line, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!proper) return fail(fmt::format("{}: a password's file holds one line of 1 to {} octets", path, max_password));
  return line;
}

} // namespace

Result<void> read_passwords(Policy &policy) {
  for (const rules::Relay &relay : policy.rules->relays()) {
    const std::string &path = relay.routes.password_file;
    if (path.empty() || policy.passwords.contains(path)) continue;
    Result<std::string> password = read_password(path);
    if (!password) return fail(password.error().what + "\n");
    policy.passwords[path] = std::move(*password);
  }
  return {};
}

Result<void> keep_passwords(Policy &policy, const Policy &former) {
  for (const rules::Relay &relay : policy.rules->relays()) {
    const std::string &path = relay.routes.password_file;
    if (path.empty()) continue;
    const auto known = former.passwords.find(path);
    if (known == former.passwords.end())
      return fail("the password file " + path + " is read with the rule files only: put the sentence there, then  "
                  "sekisho reload\n");
    policy.passwords.insert(*known);
  }
  return {};
}

} // namespace sekisho::role
