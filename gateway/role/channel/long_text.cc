#include "gateway/role/channel/long_text.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace sekisho::role {
namespace {

constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

} // namespace

Result<UniqueFd> sealed_memfd(const char *name, Bytes content) {
  UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) return fail("cannot make a memfd: " + std::string(std::strerror(errno)));
  while (!content.empty()) {
    ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fail("cannot fill a memfd: " + std::string(std::strerror(errno)));
    content = content.subspan(static_cast<std::size_t>(written));
  }
  if (::fcntl(fd.get(), F_ADD_SEALS, seals) != 0)
    return fail("cannot seal a memfd: " + std::string(std::strerror(errno)));
  return fd;
}

bool is_sealed(int untrusted_fd) {
  int found = ::fcntl(untrusted_fd, F_GET_SEALS);
  return found >= 0 && (found & seals) == seals;
}

Result<std::string> read_memfd(int untrusted_fd, std::size_t limit) {
  struct stat status {};
  if (!is_sealed(untrusted_fd) || ::fstat(untrusted_fd, &status) != 0)
    return fail("what came with the message is no sealed memfd");
  if (status.st_size < 0 || static_cast<std::uint64_t>(status.st_size) > limit)
    return fail("what came with the message is too long");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  for (std::size_t done = 0; done < text.size();) {
    ssize_t count = ::pread(untrusted_fd, text.data() + done, text.size() - done, static_cast<off_t>(done));
    if (count <= 0) return fail("what came with the message cannot be read");
    done += static_cast<std::size_t>(count);
  }
  return text;
}

bool send_long(const Channel &channel, MessageType type, std::uint32_t id, std::string_view text) {
  if (text.size() <= max_message_text / 2) return channel.send(type, id, text);
  Result<UniqueFd> fd = sealed_memfd("sekisho-text", as_bytes(text));
  return fd && channel.send(type, id, "", fd->get());
}

Result<std::string> long_text(const Message &message, std::size_t limit) {
  if (!message.fd) return message.text;
  return read_memfd(message.fd.get(), limit);
}

} // namespace sekisho::role
