// A key for tests.
#pragma once

#include "gateway/spool/key.hh"

namespace sekisho::spool {

inline Keys test_keys(unsigned seed = 7) {
  KeyOctets octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<std::byte>(seed * 17 + i);
  return {{make_key(octets)}};
}

} // namespace sekisho::spool
