#include "base/base64.hh"

#include <array>
#include <cstdint>
#include <cstring>

namespace sekisho {
namespace {

/// The two characters of each twelve bits.
constexpr std::array<std::array<char, 2>, 4096> make_base64_pairs() {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); i++)
    pairs[i] = {alphabet[i >> 6], alphabet[i & 0x3f]};
  return pairs;
}
constexpr std::array<std::array<char, 2>, 4096> base64_pairs = make_base64_pairs();

constexpr std::size_t base64_size(std::size_t octets) { return (octets + 2) / 3 * 4; }

/// Gives the end of what was written.
char *put_base64(char *to, std::string_view octets) {
  auto octet = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(octets[i])); };
  const auto put_quad = [&](std::uint32_t bits) {
    std::memcpy(to, base64_pairs[bits >> 12].data(), 2);
    std::memcpy(to + 2, base64_pairs[bits & 0xfff].data(), 2);
    to += 4;
  };
  std::size_t at = 0;
  for (; at + 4 <= octets.size(); at += 3)
    put_quad((octet(at) << 24 | octet(at + 1) << 16 | octet(at + 2) << 8 | octet(at + 3)) >> 8); // one load
  for (; at + 3 <= octets.size(); at += 3)
    put_quad(octet(at) << 16 | octet(at + 1) << 8 | octet(at + 2));
  if (at == octets.size()) return to;
  const bool two = octets.size() - at == 2;
  std::uint32_t bits = octet(at) << 16 | (two ? octet(at + 1) << 8 : 0);
  std::memcpy(to, base64_pairs[bits >> 12].data(), 2);
  to[2] = two ? base64_pairs[bits & 0xfff][0] : '=';
  to[3] = '=';
  return to + 4;
}

} // namespace

void append_base64(std::string &out, std::string_view octets) {
  const std::size_t start = out.size();
  out.resize(start + base64_size(octets.size()));
  put_base64(out.data() + start, octets);
}

void append_base64_lines(std::string &out, std::string_view octets) {
  constexpr std::size_t octets_a_line = 57; // 76 characters, RFC 2045 §6.8
  const std::size_t start = out.size(), lines = (octets.size() + octets_a_line - 1) / octets_a_line;
  out.resize(start + base64_size(octets.size()) + lines * 2);
  char *to = out.data() + start;
  for (std::size_t i = 0; i < octets.size(); i += octets_a_line) {
    to = put_base64(to, octets.substr(i, octets_a_line));
    *to++ = '\r';
    *to++ = '\n';
  }
}

std::string base64(std::string_view octets) {
  std::string text;
  append_base64(text, octets);
  return text;
}

} // namespace sekisho
