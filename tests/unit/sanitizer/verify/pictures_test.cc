// Pictures that rebuild writes are accepted; any with something more, less or else in them is not.
#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/gif_writer.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/rebuild/picture/tiff_writer.hh"
#include "sanitizer/verify/jpeg_scan.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

#include <random>

namespace sekisho::verify {
namespace {

using job::Kind;

bool accepts(Kind kind, const std::string &bytes) {
  return Verifier::accept(kind, Untrusted(to_buffer(bytes))).has_value();
}

/// Enough noise that the table of codes runs full several times.
std::string some_gif(unsigned colours, bool loops = true) {
  std::mt19937 random(1);
  rebuild::Animation animation{200, 150, {}, {}, {}};
  if (loops) animation.loops = std::uint16_t{0};
  for (unsigned i = 0; i < colours; ++i)
    animation.palette.push_back(i * 3);
  for (unsigned i = 0; i < (loops ? 2u : 1u); ++i) {
    rebuild::GifFrame frame;
    frame.width = 200, frame.height = 150, frame.delay = 5;
    frame.indices = rebuild::Scratch(200 * 150);
    for (std::size_t k = 0; k < 200 * 150; ++k)
      frame.indices.octets()[k] = static_cast<std::uint8_t>(k % 3 == 0 ? random() % colours : 0);
    animation.frames.push_back(std::move(frame));
  }
  return std::string(as_chars(rebuild::write_gif(animation)));
}

std::string some_tiff() {
  const std::string bits(9 * 70, '\x5a');
  const Buffer samples(30 * 20 * 3, std::byte{7});
  return std::string(as_chars(rebuild::write_tiff(
      {{72, 70, 1, rebuild::TiffPage::Coding::group4, 200, 200,
        rebuild::encode_group4(as_bytes(bits), 72, 70)},
       {30, 20, 3, rebuild::TiffPage::Coding::deflated, 0, 0, rebuild::deflate(samples, 6)}})));
}

std::string few_coloured_png() {
  rebuild::Pixels pixels{20, 9, 4, rebuild::Scratch(20 * 9 * 4)};
  for (std::size_t i = 0; i < pixels.memory.size(); ++i)
    pixels.memory.octets()[i] = static_cast<std::uint8_t>(i / 4 % 3 * 40 + i % 4);
  return std::string(as_chars(rebuild::write_png(pixels)));
}

TEST(VerifyPictures, accepts_what_rebuild_writes) {
  for (unsigned colours : {1u, 2u, 3u, 4u, 5u, 16u, 17u, 200u, 256u})
    EXPECT_TRUE(accepts(Kind::gif, some_gif(colours))) << colours;
  EXPECT_TRUE(accepts(Kind::gif, some_gif(9, false)));
  EXPECT_TRUE(accepts(Kind::tiff, some_tiff()));
  EXPECT_TRUE(accepts(Kind::png, few_coloured_png()));
}

TEST(VerifyPictures, nothing_before_behind_or_missing) {
  const std::pair<Kind, std::string> files[] = {
      {Kind::gif, some_gif(20)}, {Kind::tiff, some_tiff()}, {Kind::png, few_coloured_png()}};
  for (const auto &[kind, bytes] : files) {
    EXPECT_FALSE(accepts(kind, bytes + '\0'));
    EXPECT_FALSE(accepts(kind, '\0' + bytes));
    for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 30)
      EXPECT_FALSE(accepts(kind, bytes.substr(0, length))) << length;
  }
}

TEST(VerifyPictures, gif_of_our_blocks_only) {
  const std::string gif = some_gif(8);
  const auto with = [&](std::size_t at, std::string_view octets) {
    std::string changed = gif;
    return accepts(Kind::gif, changed.insert(at, octets));
  };
  const std::size_t netscape = gif.find("\x21\xff"), frame = gif.find("\x21\xf9");
  using namespace std::string_view_literals;
  EXPECT_FALSE(with(netscape, "\x21\xfe\x03hey\x00"sv));
  EXPECT_FALSE(with(gif.size() - 1, "\x21\xfe\x03hey\x00"sv));
  EXPECT_FALSE(with(netscape, std::string_view(gif).substr(netscape, 19))); // twice
  EXPECT_FALSE(with(frame, "\x21\xff\x0bXMP DataXMP\x01x\x00"sv));
  std::string changed = gif;
  changed[13] = '\x7f'; // a palette that does not rise
  EXPECT_FALSE(accepts(Kind::gif, changed));
  changed = gif;
  changed[frame + 3] = '\x02'; // waits for the user
  EXPECT_FALSE(accepts(Kind::gif, changed));
  changed = gif;
  changed[8] = '\0'; // the canvas is lower than its frames
  EXPECT_FALSE(accepts(Kind::gif, changed));
  const std::size_t code_size = frame + 18; // of a palette of eight: 3
  ASSERT_EQ('\3', gif[code_size]);
  for (unsigned bits = 0; bits < 256; ++bits) {
    changed = gif;
    changed[code_size] = static_cast<char>(bits);
    EXPECT_EQ(bits == 3, accepts(Kind::gif, changed)) << bits;
  }
}

// A change inside a frame's codes may give other pixels, but never another length, and in TIFF and
// PNG sums and T.6 leave no choice at all but in what says how it is shown.
TEST(VerifyPictures, random_changes) {
  std::mt19937 random(20261126);
  const std::pair<Kind, std::string> files[] = {
      {Kind::gif, some_gif(250)}, {Kind::tiff, some_tiff()}, {Kind::png, few_coloured_png()}};
  for (const auto &[kind, bytes] : files)
    for (unsigned round = 0; round < 2000; ++round) {
      std::string changed = bytes;
      const std::size_t at = random() % changed.size();
      switch (random() % 3) {
      case 0: changed[at] = static_cast<char>(changed[at] ^ 1 << random() % 8); break;
      case 1: changed.insert(at, 1, static_cast<char>(random())); break;
      default: changed.erase(at, 1); break;
      }
      if (changed == bytes || !accepts(kind, changed)) continue;
      EXPECT_EQ(bytes.size(), changed.size());
      EXPECT_NE(Kind::png, kind);
    }
}

/// Bits to the octets of a scan, padded with ones, zeros stuffed, and the end of the image.
Buffer scan_of(std::string bits) {
  while (bits.size() % 8 != 0)
    bits += '1';
  std::string octets;
  for (std::size_t i = 0; i < bits.size(); i += 8) {
    octets += static_cast<char>(std::stoi(bits.substr(i, 8), nullptr, 2));
    if (octets.back() == '\xff') octets += '\0';
  }
  return to_buffer(octets + "\xff\xd9");
}

/// Codes of one length each, from the shortest; they are 0, 10, 110 …
struct Codes {
  std::string symbols;
  std::string of(std::uint8_t symbol) const {
    return std::string(symbols.find(static_cast<char>(symbol)), '1') + '0';
  }
  bool define(JpegScan &scan, unsigned table_class) const {
    std::string counts(16, '\0');
    for (std::size_t i = 0; i < symbols.size(); ++i)
      counts[i] = 1;
    return scan.define(table_class, 0, as_bytes(counts), as_bytes(symbols));
  }
};
const Codes dc{std::string("\0\1", 2)};

bool is_exactly(const Codes &ac, const std::string &bits, std::uint32_t width) {
  JpegScan scan;
  EXPECT_TRUE(dc.define(scan, 0) && ac.define(scan, 1) && scan.add_component(1, 1, 1) && scan.choose_tables(0, 1, 0, 0));
  return scan.is_exactly(scan_of(bits), width, 8);
}

std::string repeated(const std::string &text, unsigned count) {
  std::string all;
  for (; count > 0; --count)
    all += text;
  return all;
}

// Several codes are passed at once: a block may end within them.
TEST(JpegScan, a_block_ends_with_its_last_coefficient) {
  const Codes ac{std::string("\x01\x00", 2)};
  const std::string full = "0" + repeated("01", 63), one_less = "0" + repeated("01", 62), end = "10";
  EXPECT_TRUE(is_exactly(ac, full + full, 16));
  EXPECT_TRUE(is_exactly(ac, full + "101" + end, 16)); // begins as the end of a block would
  EXPECT_TRUE(is_exactly(ac, full + one_less + end + full, 24));
  EXPECT_FALSE(is_exactly(ac, full + one_less + full, 24));
  EXPECT_FALSE(is_exactly(ac, full + full + "01", 16)); // a coefficient too many, which no padding is
  EXPECT_FALSE(is_exactly(ac, full + one_less, 16));
}

TEST(JpegScan, symbols_that_are_none) {
  for (const char symbol : {'\x0b', '\x30', '\x0f'}) {
    const std::string bits = "00" + std::string(symbol & 15, '0') + "10";
    EXPECT_FALSE(is_exactly({std::string(1, symbol) + '\0'}, bits, 8)) << int(symbol);
  }
  EXPECT_TRUE(is_exactly({std::string("\x0a\0", 2)}, "00" + std::string(10, '0') + "10", 8));
}

// Blocks by chance, with codes up to the longest: as many as there are, no more, no fewer.
TEST(JpegScan, blocks_by_chance) {
  const Codes ac{std::string("\x01\x00\x12\x05\xf0\x23\x04\x0a\x31\xf1\x02\x71\x06\x08\x52\x3a", 16)};
  std::mt19937 random(7);
  for (unsigned round = 0; round < 200; ++round) {
    std::string bits;
    constexpr unsigned blocks = 20;
    for (unsigned block = 0; block < blocks; ++block) {
      bits += random() % 2 == 0 ? "0" : "101";
      for (unsigned k = 1; k < 64;) {
        const auto symbol = static_cast<std::uint8_t>(ac.symbols[random() % (round % 2 == 0 ? 16 : 4)]);
        const unsigned step = (symbol >> 4) + 1u;
        if (symbol != 0 && k + step > 64) continue;
        bits += ac.of(symbol);
        if (symbol == 0) break;
        for (unsigned i = 0; i < (symbol & 15u); ++i)
          bits += random() % 2 == 0 ? '0' : '1';
        k += step;
      }
    }
    ASSERT_TRUE(is_exactly(ac, bits, blocks * 8)) << round;
    ASSERT_FALSE(is_exactly(ac, bits, blocks * 8 + 1)) << round;
    ASSERT_FALSE(is_exactly(ac, bits + '0', blocks * 8)) << round; // padding is ones
  }
}

} // namespace
} // namespace sekisho::verify
