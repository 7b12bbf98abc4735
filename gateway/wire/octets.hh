// Reading and writing network byte order at an offset.  The path checks a header's length once and
// then reads by offset: ByteReader's check at every field would cost as much as the whole lookup.
// So every caller stands below a size check; no pointer is ever cast to a header.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"

#include <cstring>

namespace sekisho::wire {

inline std::uint8_t u8_at(const std::byte *octets, std::size_t offset) {
  return std::to_integer<std::uint8_t>(octets[offset]);
}
inline std::uint16_t u16_at(const std::byte *octets, std::size_t offset) {
  std::uint16_t value;
  std::memcpy(&value, octets + offset, sizeof value);
  return __builtin_bswap16(value);
}
inline std::uint32_t u32_at(const std::byte *octets, std::size_t offset) {
  std::uint32_t value;
  std::memcpy(&value, octets + offset, sizeof value);
  return __builtin_bswap32(value);
}
inline Mac mac_at(const std::byte *octets, std::size_t offset) {
  Mac mac;
  std::memcpy(mac.octets.data(), octets + offset, 6);
  return mac;
}
/// IPv4, mapped (base/address.hh).
inline Ip ipv4_at(const std::byte *octets, std::size_t offset) {
  // In whole words: a word read soon after its octets were written one by one waits for all of
  // them.
  std::uint32_t address;
  std::memcpy(&address, octets + offset, 4);
  std::uint64_t words[2] = {0, 0xffff0000 | std::uint64_t{address} << 32};
  Ip ip;
  std::memcpy(ip.octets.data(), words, 16);
  return ip;
}
inline Ip ipv6_at(const std::byte *octets, std::size_t offset) {
  Ip ip;
  std::memcpy(ip.octets.data(), octets + offset, 16);
  return ip;
}

inline void put_u8(std::byte *octets, std::size_t offset, std::uint8_t value) {
  octets[offset] = std::byte{value};
}
inline void put_u16(std::byte *octets, std::size_t offset, std::uint16_t value) {
  value = __builtin_bswap16(value);
  std::memcpy(octets + offset, &value, sizeof value);
}
inline void put_u32(std::byte *octets, std::size_t offset, std::uint32_t value) {
  value = __builtin_bswap32(value);
  std::memcpy(octets + offset, &value, sizeof value);
}
/// The last four octets: an IPv4 address as it is kept.
inline void put_ipv4(std::byte *octets, std::size_t offset, const Ip &ip) {
  std::memcpy(octets + offset, &ip.octets[12], 4);
}
inline void put_ipv6(std::byte *octets, std::size_t offset, const Ip &ip) {
  std::memcpy(octets + offset, ip.octets.data(), 16);
}
inline void put_mac(std::byte *octets, std::size_t offset, const Mac &mac) {
  std::memcpy(octets + offset, mac.octets.data(), 6);
}

} // namespace sekisho::wire
