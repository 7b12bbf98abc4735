// Memory in which jobs stand for a worker, so that they need not go through a socket: this side writes, the
// worker reads.
#pragma once

#include "base/bytes.hh"
#include "base/unique_fd.hh"

#include <memory>

namespace sekisho::client {

class Shelf {
public:
  Shelf() = default;
  /// protocol::shelf_size octets; none where the kernel has nothing that others can be kept from writing to.
  static Shelf make();
  std::span<std::byte> octets() const;
  /// To hand to the worker, once; -1: there is none.
  int descriptor() const { return fd_.get(); }

private:
  using Memory = std::unique_ptr<std::byte, void (*)(std::byte *)>;
  Shelf(UniqueFd fd, Memory memory) : fd_(std::move(fd)), memory_(std::move(memory)) {}

  UniqueFd fd_;
  Memory memory_{nullptr, [](std::byte *) {}};
};

} // namespace sekisho::client
