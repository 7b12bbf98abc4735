#include "sanitizer/client/shelf.hh"

#include "sanitizer/client/protocol.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace sekisho::client {

using protocol::shelf_size;

/// Sealed when it is mapped here: whoever gets the descriptor can neither write to it nor cut it short.
Shelf Shelf::make() {
  UniqueFd fd(::memfd_create("sekisho-shelf", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ::ftruncate(fd.get(), shelf_size) != 0) return {};
  void *at = ::mmap(nullptr, shelf_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return {};
  Memory memory(static_cast<std::byte *>(at), [](std::byte *all) { ::munmap(all, shelf_size); });
  if (::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return {};
  return Shelf(std::move(fd), std::move(memory));
}

std::span<std::byte> Shelf::octets() const {
  return memory_ ? std::span(memory_.get(), shelf_size) : std::span<std::byte>();
}

} // namespace sekisho::client
