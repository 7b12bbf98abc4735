// The administrator's key of spool and hold (A4, O5): without it nothing that lies there can be read by anybody,
// so that erasing the key erases them.
#pragma once

#include "base/result.hh"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::spool {

using KeyId = std::array<std::byte, 8>; // of SHA-256 of the key: tells which one it was, not what it is
using KeyOctets = std::array<std::byte, 32>;

struct Key {
  KeyOctets octets{};
  KeyId id{};
};
Key make_key(const KeyOctets &octets);
std::string to_string(const KeyId &id);

/// Of a key file: the first is written with, the others only read with, so that a key can be changed while mail waits.
struct Keys {
  std::vector<Key> all;
  const Key &present() const { return all.front(); }
  const Key *find(const KeyId &id) const;
};

/// Overwritten before they are let go.
void wipe(Keys &keys);

constexpr std::size_t max_key_file = 4096; // octets

/// A line of 64 hexadecimal digits a key; empty lines and those that begin with # are passed over.
/// Errors name the line, never what stands there.
Result<Keys> read_keys(std::string_view text);

/// A new one as such a file.  Nothing: the system gave no random octets.
std::optional<std::string> new_key_file();

} // namespace sekisho::spool
