#include "sanitizer/rebuild/picture/count_pixels.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/picture/orientation.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

namespace sekisho::rebuild {
namespace {

Pixels numbered(std::uint32_t width, std::uint32_t height) {
  Pixels pixels{width, height, 1, Scratch(std::size_t{width} * height)};
  for (std::size_t i = 0; i < pixels.memory.size(); ++i)
    pixels.memory.octets()[i] = static_cast<std::uint8_t>(i);
  return pixels;
}

std::string letters(const Pixels &pixels) {
  std::string text;
  for (std::size_t i = 0; i < pixels.memory.size(); ++i) {
    if (i > 0 && i % pixels.width == 0) text += '/';
    text += static_cast<char>('a' + pixels.memory.octets()[i]);
  }
  return text;
}

// A picture of abc/def as the eight ways of holding a camera store it, Exif 2.32 §4.6.4.
TEST(Orientation, every_way) {
  const char *const expected[] = {"",         "abc/def",  "cba/fed",  "fed/cba", "def/abc",
                                  "ad/be/cf", "da/eb/fc", "fc/eb/da", "cf/be/ad"};
  for (int orientation = 1; orientation <= 8; ++orientation)
    EXPECT_EQ(expected[orientation], letters(turn_upright(numbered(3, 2), orientation)))
        << orientation;
}

std::string exif(bool little, int orientation) {
  const std::string header =
      little ? std::string("II*\0\x08\0\0\0", 8) : std::string("MM\0*\0\0\0\x08", 8);
  const char value = static_cast<char>(orientation);
  const std::string entry =
      little ? std::string("\1\0\x12\1\3\0\1\0\0\0", 10) + value + std::string(3, '\0')
             : std::string("\0\1\1\x12\0\3\0\0\0\1\0", 11) + value + std::string(2, '\0');
  return std::string("Exif\0\0", 6) + header + entry;
}

TEST(Orientation, read_from_exif) {
  EXPECT_EQ(6, exif_orientation(as_bytes(exif(true, 6))));
  EXPECT_EQ(8, exif_orientation(as_bytes(exif(false, 8))));
  EXPECT_EQ(0, exif_orientation(as_bytes(exif(true, 9))));
  const std::string whole = exif(true, 6);
  for (std::size_t length = 0; length < whole.size() - 4; ++length)
    EXPECT_EQ(0, exif_orientation(as_bytes(whole.substr(0, length)))) << length;
}

Buffer some_jpeg(std::uint32_t width, std::uint32_t height) {
  const Pixels pixels = numbered(width, height);
  return *encode_jpeg({pixels.memory.octets(), width, width, height, JpegSource::Format::gray}, 90);
}

std::string with_exif(const Buffer &jpeg, int orientation) {
  const std::string text(as_chars(jpeg)), data = exif(false, orientation);
  return text.substr(0, 2) + "\xff\xe1" + '\0' + static_cast<char>(data.size() + 2) + data +
         text.substr(2);
}

TEST(Jpeg, turned_upright_and_without_exif) {
  const std::string input = with_exif(some_jpeg(40, 20), 6);
  const auto rebuilt = jpeg(Input(as_bytes(input)), {});
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(std::string::npos, as_chars(rebuilt->bytes).find("Exif"));
  ASSERT_TRUE(verify::Verifier::accept(job::Kind::jpeg, Untrusted(rebuilt->bytes)));
  const std::string_view text = as_chars(rebuilt->bytes);
  const std::size_t frame = text.find("\xff\xc0");
  EXPECT_EQ('\x28', text[frame + 6]); // 40 high
  EXPECT_EQ('\x14', text[frame + 8]); // 20 wide
  EXPECT_EQ(count_pixels(job::Kind::jpeg, rebuilt->bytes, 1), 800u);
}

TEST(Jpeg, what_stands_behind_is_gone) {
  std::string input(as_chars(some_jpeg(8, 8)));
  const auto rebuilt = jpeg(Input(as_bytes(input + "one more word")), {});
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(std::string::npos, as_chars(rebuilt->bytes).find("one more word"));
  const std::string page = input + "<script>alert(1)</script>";
  EXPECT_EQ(Reason::part_ambiguous, jpeg(Input(as_bytes(page)), {}).error());
}

/// Of telephones: pictures that the first one speaks of, and a trailer with a directory of its own.
TEST(Jpeg, what_telephones_put_behind_is_no_alarm) {
  using namespace std::string_literals;
  using Reasons = std::vector<Reason>;
  const std::string one(as_chars(some_jpeg(8, 8))), mpf = one.substr(0, 2) + "\xff\xe2\0\x06MPF\0"s + one.substr(2);
  const auto told = [](const std::string &octets) {
    Reasons reasons = jpeg(Input(as_bytes(octets)), {})->reasons;
    std::erase(reasons, Reason::part_noise);
    return reasons;
  };
  EXPECT_EQ(told(mpf + one), (Reasons{Reason::part_reencoded, Reason::part_first_picture_only}));
  EXPECT_EQ(told(one + one), (Reasons{Reason::part_reencoded, Reason::part_hidden_content}));
  EXPECT_EQ(told(mpf + "words"), (Reasons{Reason::part_reencoded, Reason::part_hidden_content}));

  const std::string block = "\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1700000000000"s;
  const std::string directory = "SEFH\x6b\0\0\0\x01\0\0\0\0\0\x01\x0a\x23\0\0\0\x23\0\0\0"s, end = "\x18\0\0\0SEFT"s;
  EXPECT_EQ(told(one + block + directory + end), Reasons{Reason::part_reencoded});
  for (const std::string &other : {"more" + block + directory + end, block + directory + "SEFT", directory + end, block + directory + end + "more"})
    EXPECT_EQ(told(one + other), (Reasons{Reason::part_reencoded, Reason::part_hidden_content}));
}

TEST(Jpeg, limits_and_damage) {
  job::Plan small;
  small.max_pixels = 40 * 20 - 1;
  const Buffer whole = some_jpeg(40, 20);
  EXPECT_EQ(Reason::part_too_big, jpeg(Input(whole), small).error());
  EXPECT_EQ(Reason::part_malformed, jpeg(Input(Bytes{}), {}).error());
  for (std::size_t length = 0; length < whole.size(); length += 7) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<long>(length));
    (void)jpeg(Input(cut), {}); // a result or a reason, never a crash
  }
}

TEST(Jpeg, variants_are_told_from_damage) {
  const Buffer whole = some_jpeg(40, 20);
  const std::size_t frame = as_chars(whole).find("\xff\xc0");
  Buffer deep = whole, lossless = whole;
  deep[frame + 4] = std::byte{12};
  lossless[frame + 1] = std::byte{0xc3};
  EXPECT_EQ(Reason::part_variant, jpeg(Input(deep), {}).error());
  EXPECT_EQ(Reason::part_variant, jpeg(Input(lossless), {}).error());
}

// A frame that says 65500 x 65500 in a file of a few hundred octets: refused before memory is
// taken.
TEST(Jpeg, announced_size_is_refused_first) {
  Buffer bomb = some_jpeg(8, 8);
  const std::size_t frame = as_chars(bomb).find("\xff\xc0");
  for (std::size_t i : {5, 7}) {
    bomb[frame + i] = std::byte{0xff};
    bomb[frame + i + 1] = std::byte{0xdc};
  }
  EXPECT_EQ(Reason::part_too_big, jpeg(Input(bomb), {}).error());
}

TEST(Png, rebuilt_without_what_is_not_pixels) {
  std::string input(as_chars(write_png(numbered(20, 10))));
  const std::string text("\0\0\0\1tEXta\x75\xf3\x8b\x29", 13);
  input.insert(33, text);
  const auto rebuilt = png(Input(as_bytes(input)), {});
  ASSERT_TRUE(rebuilt);
  EXPECT_EQ(std::string::npos, as_chars(rebuilt->bytes).find("tEXt"));
  EXPECT_TRUE(verify::Verifier::accept(job::Kind::png, Untrusted(rebuilt->bytes)));
}

TEST(Png, limits_and_damage) {
  job::Plan small;
  small.max_pixels = 199;
  const Buffer whole = write_png(numbered(20, 10));
  EXPECT_EQ(Reason::part_too_big, png(Input(whole), small).error());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<long>(length));
    const auto rebuilt = png(Input(cut), {});
    EXPECT_TRUE(!rebuilt || length >= whole.size() - 16) << length;
  }
}

} // namespace
} // namespace sekisho::rebuild
