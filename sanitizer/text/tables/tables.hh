// Code tables of the character sets, made at build time by generate.cc: the worker decodes with
// constants and needs no converter of the C library behind its jail.  0 stands for "no character".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sekisho::text::tables {

// Rows of 94 as in JIS X 0208, in the order of CP932: rows 1–94, IBM extensions and user area
// behind (Encoding Standard §5, "index jis0208").
constexpr std::size_t jis0208_size = 120 * 94;
constexpr std::size_t jis0212_size = 94 * 94;
constexpr std::size_t gbk_size = 126 * 190;    // lead 0x81–0xfe; trail 0x40–0x7e, 0x80–0xfe
constexpr std::size_t gb18030_size = 39'420;   // four-octet forms of the BMP, 0x81308130 on
constexpr std::size_t big5_size = 126 * 157;   // lead 0x81–0xfe; trail 0x40–0x7e, 0xa1–0xfe
constexpr std::size_t euc_kr_size = 126 * 190; // lead 0x81–0xfe; trail 0x41–0xfe

extern const std::uint16_t jis0208[jis0208_size];
extern const std::uint16_t jis0212[jis0212_size];
/// JIS X 0213:2004, planes 1 and 2.  Above 24 bits: which of `jis0213_marks` follows, from 1 on.
extern const std::uint32_t jis0213[2][94 * 94];
extern const std::uint16_t jis0213_marks[5];
extern const std::uint16_t gbk[gbk_size];
extern const std::uint16_t gb18030[gb18030_size];
extern const std::uint32_t big5[big5_size];
extern const std::uint16_t euc_kr[euc_kr_size];

/// A character set of one octet a character; octets below 0x80 are ASCII.
struct SingleOctet {
  std::string_view name; // lower case
  std::uint16_t upper[128];
};
extern const SingleOctet single_octet[];
extern const std::size_t single_octet_count;

/// Sorted by carrier (text::Carrier), then code.
struct CarrierEmoji {
  std::uint8_t carrier;
  std::uint16_t code;    // in the private area
  std::string_view utf8; // one emoji
};
extern const CarrierEmoji carrier_emoji[];
extern const std::size_t carrier_emoji_count;

} // namespace sekisho::text::tables
