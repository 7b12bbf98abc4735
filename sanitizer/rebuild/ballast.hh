// A smaller share of a worker's memory for code of others that takes what it is told to.
#pragma once

#include <array>
#include <cstddef>

namespace sekisho::rebuild {

/// While it is there, the worker can take `room` octets of address space more and no further ones; outside of a jail
/// it changes nothing.
class Ballast {
public:
  explicit Ballast(std::size_t room);
  Ballast(const Ballast &) = delete;
  ~Ballast();

private:
  std::array<void *, 48> pieces_{}; // more than any worker has
};

} // namespace sekisho::rebuild
