// What rebuild writes is accepted; what differs from it in any octet is refused or at least
// harmless.
#include "sanitizer/rebuild/jpeg_encoder.hh"
#include "sanitizer/rebuild/page_picture.hh"
#include "sanitizer/rebuild/pdf_writer.hh"
#include "sanitizer/rebuild/png_writer.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

#include <random>

namespace sekisho::verify {
namespace {

using job::Kind;

bool accepts(Kind kind, const Buffer &bytes) {
  return Verifier::accept(kind, Untrusted(bytes)).has_value();
}

rebuild::Pixels picture(std::uint32_t width, std::uint32_t height, std::uint32_t channels) {
  rebuild::Pixels pixels{width, height, channels,
                         rebuild::Scratch(std::size_t{width} * height * channels)};
  for (std::size_t i = 0; i < pixels.memory.size(); ++i)
    pixels.memory.octets()[i] = static_cast<std::uint8_t>(i * 37 % 251);
  return pixels;
}

Buffer some_jpeg(bool gray) {
  const rebuild::Pixels pixels = picture(40, 30, gray ? 1 : 3);
  using Format = rebuild::JpegSource::Format;
  return *rebuild::encode_jpeg(
      {pixels.memory.octets(), pixels.row_size(), 40, 30, gray ? Format::gray : Format::rgb}, 85);
}

/// Pages of every coding.
Buffer some_pdf() {
  rebuild::PdfWriter writer;
  rebuild::Pixels page = picture(50, 40, 4);
  auto add = [&] { writer.add_page(595.28, 841.9, *rebuild::encode_page(page)); };
  add(); // many colours: JPEG
  for (std::size_t i = 0; i < page.memory.size(); ++i)
    page.memory.octets()[i] = i % 8 < 4 ? 0 : 255;
  add(); // two tones
  for (std::size_t i = 0; i < page.memory.size(); ++i)
    page.memory.octets()[i] = i % 4 == 0 ? static_cast<std::uint8_t>(i / 4 % 3) : 0;
  add(); // palette
  for (std::size_t i = 0; i < page.memory.size(); ++i)
    page.memory.octets()[i] = static_cast<std::uint8_t>(i / 4);
  add(); // gray tones
  return writer.finish();
}

TEST(Verify, accepts_what_rebuild_writes) {
  EXPECT_TRUE(accepts(Kind::pdf, some_pdf()));
  EXPECT_TRUE(accepts(Kind::jpeg, some_jpeg(true)));
  EXPECT_TRUE(accepts(Kind::jpeg, some_jpeg(false)));
  for (std::uint32_t channels = 1; channels <= 4; ++channels)
    EXPECT_TRUE(accepts(Kind::png, rebuild::write_png(picture(33, 17, channels)))) << channels;
}

TEST(Verify, writes_the_same_twice) {
  EXPECT_EQ(some_pdf(), some_pdf());
  EXPECT_EQ(some_jpeg(false), some_jpeg(false));
}

TEST(Verify, a_kind_is_not_another) {
  EXPECT_FALSE(accepts(Kind::jpeg, some_pdf()));
  EXPECT_FALSE(accepts(Kind::pdf, some_jpeg(true)));
  EXPECT_FALSE(accepts(Kind::png, some_jpeg(true)));
  EXPECT_FALSE(accepts(Kind::executable, some_pdf()));
  EXPECT_FALSE(accepts(Kind::pdf, {}));
}

TEST(Verify, nothing_before_behind_or_missing) {
  const struct {
    Kind kind;
    Buffer bytes;
  } files[] = {{Kind::pdf, some_pdf()},
               {Kind::jpeg, some_jpeg(false)},
               {Kind::png, rebuild::write_png(picture(9, 9, 3))}};
  for (const auto &[kind, bytes] : files) {
    Buffer longer = bytes;
    longer.push_back(std::byte{'\n'});
    EXPECT_FALSE(accepts(kind, longer));
    Buffer shifted = bytes;
    shifted.insert(shifted.begin(), std::byte{' '});
    EXPECT_FALSE(accepts(kind, shifted));
    for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 50)
      EXPECT_FALSE(accepts(kind, {bytes.begin(), bytes.begin() + static_cast<long>(length)}));
  }
}

std::string replaced(const Buffer &bytes, std::string_view from, std::string_view to) {
  std::string text(as_chars(bytes));
  const std::size_t at = text.find(from);
  EXPECT_NE(std::string::npos, at) << from;
  return text.replace(at, from.size(), to);
}

TEST(Verify, no_other_name_in_a_pdf) {
  const Buffer pdf = some_pdf();
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"/Catalog/Pages 2 0 R", "/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(a)>>"},
      {"/Catalog/Pages 2 0 R", "/Catalog/Pages 2 0 R/AA<<>>"},
      {"/Catalog/Pages 2 0 R", "/Catalog /Pages 2 0 R"},
      {"/Parent 2 0 R", "/Parent 2 0 R/Annots[<</A<</URI(http://a)>>>>]"},
      {"/Parent 2 0 R", "/Parent 3 0 R"},
      {"/I Do Q\n", "/J Do Q\n"},
      {"endobj\n", "endobj\n%comment\n"},
      {"endobj\n", "endobj \n"},
      {"/Filter/FlateDecode", "/Filter/JBIG2Decode"},
      {"/Filter/FlateDecode", "/Filter/DCTDecode"},
      {"/Width 50", "/Width 49"},
      {"/Height 40", "/Height 41"},
      {"/BitsPerComponent 4", "/BitsPerComponent 8"},
      {"/BitsPerComponent 8", "/BitsPerComponent 4"},
      {"%PDF-1.4", "%PDF-1.7"},
      {"trailer\n<<", "trailer\n<</Info 3 0 R"},
      {"0000000000 65535 f", "0000000001 65535 f"},
      {"595.28", "595.29"},
      {"startxref\n", "startxref\n1"},
  };
  for (const auto &[from, to] : changes)
    EXPECT_FALSE(accepts(Kind::pdf, to_buffer(replaced(pdf, from, to)))) << to;
}

std::string segment(char marker, const std::string &data) {
  std::string text = {'\xff', marker, static_cast<char>((data.size() + 2) >> 8),
                      static_cast<char>(data.size() + 2)};
  return text + data;
}

TEST(Verify, no_other_segment_in_a_jpeg) {
  const std::string jpeg(as_chars(some_jpeg(false)));
  const std::string start = jpeg.substr(0, 2), rest = jpeg.substr(2);
  const std::string jfif = rest.substr(0, 18), tables = rest.substr(18);
  EXPECT_TRUE(accepts(Kind::jpeg, to_buffer(start + jfif + tables)));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(start + jfif + segment('\xe1', "Exif\0\0") + tables)));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(start + jfif + segment('\xfe', "comment") + tables)));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(start + jfif + segment('\xee', "Adobe") + tables)));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(start + jfif + jfif + tables)));
  EXPECT_FALSE(accepts(
      Kind::jpeg, to_buffer(start + tables.substr(0, tables.size() - 2) + "\xff\xd8\xff\xd9")));
}

TEST(Verify, a_quantization_table_of_a_jpeg_stands_once) {
  const std::string jpeg(as_chars(some_jpeg(false)));
  const std::size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(std::string::npos, frame);
  const auto with = [&](char number) {
    const std::string again = segment('\xdb', number + std::string(64, 'X'));
    return to_buffer(jpeg.substr(0, frame) + again + jpeg.substr(frame));
  };
  EXPECT_FALSE(accepts(Kind::jpeg, with(0)));
  EXPECT_FALSE(accepts(Kind::jpeg, with(1)));
  EXPECT_FALSE(accepts(Kind::jpeg, with(4)));
}

TEST(Verify, a_jpeg_of_too_many_pixels) {
  const auto blank = [](std::uint32_t height) { // few octets for as many pixels as one likes
    const std::vector<std::uint8_t> row(60000);
    using Format = rebuild::JpegSource::Format;
    return *rebuild::encode_jpeg({row.data(), 0, 60000, height, Format::gray}, 85);
  };
  EXPECT_TRUE(accepts(Kind::jpeg, blank(80)));
  EXPECT_FALSE(accepts(Kind::jpeg, blank(6700)));
}

TEST(Verify, no_octet_after_the_last_block_of_a_jpeg) {
  const std::string jpeg(as_chars(some_jpeg(false)));
  const std::string scan = jpeg.substr(0, jpeg.size() - 2);
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(scan + "a\xff\xd9")));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(scan + "<script>\xff\xd9")));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(scan + "\xff\xd0\xff\xd9")));
  EXPECT_FALSE(accepts(Kind::jpeg, to_buffer(scan.substr(0, scan.size() - 9) + "\xff\xd9")));
}

TEST(Verify, no_other_chunk_in_a_png) {
  const std::string png(as_chars(rebuild::write_png(picture(9, 9, 3))));
  const std::string text("\0\0\0\1tEXta\x75\xf3\x8b\x29", 13); // sum as of zlib's crc32
  EXPECT_FALSE(accepts(Kind::png, to_buffer(png.substr(0, 33) + text + png.substr(33))));
  EXPECT_FALSE(accepts(Kind::png, to_buffer(png.substr(0, 33) + png.substr(33) + text)));
}

/// The words that would let a PDF act.  A flipped bit inside a picture may survive; these must not
/// appear.
bool has_active_word(const Buffer &bytes) {
  for (std::string_view word : {"/JS", "/JavaScript", "/AA", "/OpenAction", "/URI", "/Launch"})
    if (as_chars(bytes).find(word) != std::string_view::npos) return true;
  return false;
}

TEST(Verify, random_changes_are_refused_or_harmless) {
  std::mt19937 random(20261120);
  unsigned other_length = 0; // codes that happen to end in time: still nothing but pixels
  const struct {
    Kind kind;
    Buffer bytes;
  } files[] = {{Kind::pdf, some_pdf()},
               {Kind::jpeg, some_jpeg(false)},
               {Kind::png, rebuild::write_png(picture(9, 9, 3))}};
  for (const auto &[kind, bytes] : files)
    for (unsigned round = 0; round < 3000; ++round) {
      Buffer changed = bytes;
      const std::size_t at = random() % changed.size();
      switch (random() % 3) {
      case 0: changed[at] ^= std::byte(1u << random() % 8); break;
      case 1: changed.insert(changed.begin() + static_cast<long>(at), std::byte(random())); break;
      default: changed.erase(changed.begin() + static_cast<long>(at)); break;
      }
      if (changed == bytes || !accepts(kind, changed)) continue;
      if (changed.size() != bytes.size()) ++other_length;
      EXPECT_FALSE(has_active_word(changed));
      EXPECT_NE(Kind::png, kind); // its sums see every bit
    }
  EXPECT_LT(other_length, 600u);
}

} // namespace
} // namespace sekisho::verify
