#include "gateway/spool/crc32c.hh"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace sekisho::spool {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ 0x82f63b78u : value >> 1;
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> table = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(Bytes bytes, std::uint32_t crc) {
  std::uint64_t value = ~crc;
  const std::byte *at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, at, 8);
    value = _mm_crc32_u64(value, eight);
  }
  std::uint32_t rest = static_cast<std::uint32_t>(value);
  for (; left > 0; --left, ++at) rest = _mm_crc32_u8(rest, std::to_integer<std::uint8_t>(*at));
  return ~rest;
}
#endif

} // namespace

std::uint32_t crc32c_by_table(Bytes bytes, std::uint32_t crc) {
  crc = ~crc;
  for (std::byte octet : bytes)
    crc = crc >> 8 ^ table[(crc ^ std::to_integer<std::uint32_t>(octet)) & 0xff];
  return ~crc;
}

std::uint32_t crc32c(Bytes bytes, std::uint32_t crc) {
#if defined(__x86_64__)
  static const bool have = __builtin_cpu_supports("sse4.2");
  if (have) return by_instruction(bytes, crc);
#endif
  return crc32c_by_table(bytes, crc);
}

} // namespace sekisho::spool
