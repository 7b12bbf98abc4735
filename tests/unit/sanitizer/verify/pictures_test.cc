// Pictures that rebuild writes are accepted; any with something more, less or else in them is not.
#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/gif_writer.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/rebuild/picture/tiff_writer.hh"
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

} // namespace
} // namespace sekisho::verify
