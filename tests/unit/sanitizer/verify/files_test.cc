// What rebuild writes is accepted; what differs from it in any octet is refused or at least
// harmless.
#include "base/utf8.hh"
#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/pdf/page_picture.hh"
#include "sanitizer/rebuild/pdf/pdf_writer.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/pdf_reading.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>
#include <zlib.h>

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
  auto add = [&] { writer.add_page({.width = 59528, .height = 84190, .picture = *rebuild::encode_page(page), .text = {}}); };
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

TEST(Verify, a_deadline_that_is_over) {
  const auto late = Verifier::accept(Kind::pdf, Untrusted(some_pdf()), 1);
  ASSERT_FALSE(late);
  EXPECT_EQ(Reason::part_timeout, late.error());
}

TEST(Verify, a_pdf_page_by_page_while_it_is_written) {
  rebuild::PdfWriter writer;
  rebuild::Pixels page = picture(50, 40, 4);
  PdfReading reading;
  for (int i = 0; i < 3; ++i) {
    writer.add_page({.width = 59528, .height = 84190, .picture = *rebuild::encode_page(page), .text = {}});
    EXPECT_TRUE(reading.read_page(writer.written()));
  }
  PdfReading one_more = reading;
  EXPECT_FALSE(one_more.read_page(writer.written()));
  const Buffer whole = writer.finish();
  EXPECT_FALSE(one_more.read_end(whole)); // what failed once stays so
  EXPECT_TRUE(reading.read_end(whole));
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

/// One bit a pixel, 0 black.
Buffer two_tones(std::uint32_t width, std::uint32_t height, unsigned seed) {
  std::mt19937 random(seed);
  Buffer rows((width + 7) / 8 * height);
  bool white = true;
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) {
      const bool like_above = y > 0 && random() % 8 != 0; // what vertical and pass modes are for
      if (like_above)
        white = std::to_integer<unsigned>(rows[(width + 7) / 8 * (y - 1) + x / 8]) >> (7 - x % 8) & 1;
      else if (random() % (seed % 5 * 300 + 2) == 0)
        white = !white;
      if (white)
        rows[(width + 7) / 8 * y + x / 8] |= static_cast<std::byte>(0x80 >> x % 8);
    }
  return rows;
}

TEST(Fax, takes_what_our_coder_writes_and_no_other_height) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const std::uint32_t width = seed * seed * 7 % 6000 + 1, height = seed % 9 + 1;
    const Buffer coded = rebuild::encode_group4(two_tones(width, height, seed), width, height);
    EXPECT_TRUE(is_our_fax(coded, width, height)) << seed;
    EXPECT_FALSE(is_our_fax(coded, width, height + 1)) << seed;
  }
}

TEST(Fax, one_coding_of_a_picture_and_nothing_beside_it) {
  const std::uint32_t width = 90, height = 6;
  const Buffer rows = two_tones(width, height, 3), coded = rebuild::encode_group4(rows, width, height);
  Buffer longer = coded;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(is_our_fax(longer, width, height));
  for (std::size_t length = 0; length < coded.size(); ++length)
    EXPECT_FALSE(is_our_fax(Bytes(coded).first(length), width, height));
  // White lines as horizontal modes (ITU-T T.6 prescribes vertical ones): 001, white 8, black 0.
  const Buffer other = {std::byte{0b00110011}, std::byte{0b00001101}, std::byte{0b11000000},
                        std::byte{0b00000100}, std::byte{0b00000000}, std::byte{0b01000000}};
  EXPECT_FALSE(is_our_fax(other, 8, 1));
  const Buffer white = {std::byte{0x80}, std::byte{0x08}, std::byte{0x00}, std::byte{0x80}};
  EXPECT_EQ(white, rebuild::encode_group4(Buffer(1, std::byte{0xff}), 8, 1));
  EXPECT_TRUE(is_our_fax(white, 8, 1));
}

TEST(Fax, a_changed_bit_is_refused_or_another_picture) {
  const std::uint32_t width = 64, height = 8;
  const Buffer coded = rebuild::encode_group4(two_tones(width, height, 7), width, height);
  std::size_t taken = 0;
  for (std::size_t bit = 0; bit < coded.size() * 8; ++bit) {
    Buffer changed = coded;
    changed[bit / 8] ^= static_cast<std::byte>(0x80 >> bit % 8);
    taken += is_our_fax(changed, width, height);
  }
  EXPECT_LT(taken, coded.size() * 8 / 4);
}

using Way = rebuild::TextRun::Way;

/// One white page with this text.
Buffer pdf_of(const std::vector<rebuild::TextRun> &runs) {
  rebuild::PdfWriter writer;
  rebuild::Pixels page = picture(8, 8, 4);
  std::fill_n(page.memory.octets(), page.memory.size(), std::uint8_t{255});
  writer.add_page({.width = 59528, .height = 84190, .picture = *rebuild::encode_page(page), .text = runs});
  return writer.finish();
}

const std::vector<rebuild::TextRun> three_runs = {
    {"関所 ", Way::right, 0, 84190, 1200, 1100},
    {"縦書き", Way::down, 59528, 0, 1200, 1200},
    {"𠮷野家 𩸽 𠮷", Way::up, 100, 7500, 600, 1200},
};

/// The page's operators replaced, everything else made to fit.
Buffer with_contents(const std::string &contents) {
  const Buffer pdf = pdf_of(three_runs);
  const std::string text(as_chars(pdf));
  const std::string head = "<</Filter/FlateDecode/Length ";
  const std::size_t start = text.find(head), end = text.find("endobj\n", start);
  const Buffer packed = rebuild::deflate(as_bytes(contents), 6);
  std::string made = text.substr(0, start) + head + std::to_string(packed.size()) + ">>\nstream\n" +
                     std::string(as_chars(packed)) + "\nendstream\n";
  const std::ptrdiff_t longer = static_cast<std::ptrdiff_t>(made.size() - end);
  made += text.substr(end);
  // Offsets behind the contents move along.
  std::size_t at = made.rfind("xref\n0 ", made.rfind("trailer"));
  const std::size_t table = at;
  for (at = made.find(" 00000 n", at); at != std::string::npos; at = made.find(" 00000 n", at + 1))
    if (const auto offset = std::stoll(made.substr(at - 10, 10));
        offset > static_cast<long long>(start)) {
      const std::string moved = std::to_string(offset + longer);
      made.replace(at - 10, 10, std::string(10 - moved.size(), '0') + moved);
    }
  const std::size_t last = made.rfind("startxref\n") + 10;
  return to_buffer(made.substr(0, last) + std::to_string(table) + "\n%%EOF\n");
}

std::string contents_of(const Buffer &pdf) {
  const std::string text(as_chars(pdf));
  const std::size_t start = text.find("stream\n") + 7, end = text.find("\nendstream", start);
  const auto contents = unpacked(as_bytes(text.substr(start, end - start)), 1 << 20);
  return contents ? std::string(as_chars(*contents)) : "";
}

TEST(Verify, invisible_text) {
  EXPECT_TRUE(accepts(Kind::pdf, pdf_of(three_runs)));
  EXPECT_EQ(pdf_of(three_runs), pdf_of(three_runs));
  const std::string contents = contents_of(pdf_of(three_runs));
  EXPECT_EQ("q 595.28 0 0 841.9 0 0 cm /I Do Q\n0.01 0 0 0.01 0 0 cm\nBT /T 1 Tf 3 Tr\n"
            "1200 0 0 1100 0 84190 Tm <95a262400020> Tj\n"
            "0 -1200 1200 0 59528 0 Tm <7e2666f8304d> Tj\n"
            "0 600 -1200 0 100 7500 Tm <e00091ce5bb60020e0010020e000> Tj\nET\n",
            contents);
  EXPECT_TRUE(accepts(Kind::pdf, with_contents(contents)));
}

TEST(Verify, text_and_nothing_else_in_the_contents) {
  const std::string contents = contents_of(pdf_of(three_runs));
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"3 Tr", "0 Tr"},
      {"3 Tr", "3 Tr 0 Tr"},
      {"3 Tr", "7 Tr"},
      {"/T 1 Tf", "/T 2 Tf"},
      {"/T 1 Tf", "/I 1 Tf"},
      {"<95a262400020>", "(abc)"},
      {"<95a262400020>", "<95A262400020>"},
      {"<95a262400020>", "<95a26240002>"},
      {"<95a262400020>", "<>"},
      {"<95a262400020>", "<95a2 62400020>"},
      {"95a2", "202e"}, // reading direction
      {"95a2", "0007"},
      {"95a2", "000a"},
      {"95a2", "feff"},
      {"95a2", "ffff"},
      {"95a2", "d842"}, // half a pair
      {"95a2", "dfb7"},
      {"95a2", "e001"}, // before e000
      {"e001", "e002"},
      {"e001", "e000"}, // the map says more than is used
      {"> Tj\n0 -", "> TJ\n0 -"},
      {"> Tj\n0 -", "> '\n0 -"},
      {"> Tj\n0 -", "> Tj /I Do\n0 -"},
      {"> Tj\n0 -", "> Tj\n%a\n0 -"},
      {"1200 0 0 1100", "1200 0 1 1100"},
      {"1200 0 0 1100", "-1200 0 0 1100"},
      {"1200 0 0 1100", "0 0 0 1100"},
      {"1200 0 0 1100", "84191 0 0 1100"},
      {"1200 0 0 1100", "1200 0 0 99999"},
      {"1200 0 0 1100", "12.5 0 0 1100"},
      {" 0 84190 Tm", " 0 84191 Tm"}, // off the page
      {"59528 0 Tm", "59529 0 Tm"},
      {" 0 84190 Tm", " -1 84190 Tm"},
      {" 0 84190 Tm", " 00 84190 Tm"},
      {"ET\n", "ET\nET\n"},
      {"ET\n", "ET\n/I Do\n"},
      {"ET\n", "ET\nBT /T 1 Tf 3 Tr\nET\n"},
      {"ET\n", ""},
      {"0.01 0 0 0.01 0 0 cm\n", ""},
      {"0.01 0 0 0.01", "1 0 0 1"},
      {"/I Do Q\n", "/I Do Q\nBI ID EI\n"},
      {"q 595.28", "q 59.28"},
  };
  for (const auto &[from, to] : changes) {
    EXPECT_FALSE(accepts(Kind::pdf, with_contents(replaced(to_buffer(contents), from, to))))
        << from << " -> " << to;
  }
  const std::size_t runs = contents.find("1200 0 0");
  EXPECT_FALSE(accepts(Kind::pdf, with_contents(contents.substr(0, runs) + "ET\n")));
}

TEST(Verify, one_font_and_its_map) {
  const Buffer pdf = pdf_of(three_runs);
  const std::pair<std::string_view, std::string_view> changes[] = {
      {"<e000> <d842dfb7>", "<e000> <d842dfb8>"}, // another character, as good as this
      {"<e001> <d867de3d>", "<e001> <d842dfb7>"}, // twice the same
      {"<e001> <d867de3d>", "<e001> <0041de3d>"},
      {"<e001> <d867de3d>", "<e001> <db40dc41>"}, // a tag
      {"<e001> <d867de3d>", "<e001> <db80dc00>"}, // private
      {"<e001> <d867de3d>", "<e002> <d867de3d>"},
      {"<0000> <d7ff> <0000>", "<0000> <d7ff> <0001>"},
      {"2 beginbfchar", "1 beginbfchar"},
      {"/Identity-H", "/Identity-V"},
      {"/CIDToGIDMap/Identity", "/CIDToGIDMap 8 0 R"},
      {"/DW 1000", "/DW 1001"},
      {"/ToUnicode 6 0 R", "/ToUnicode 8 0 R"},
      {"/StemV 80", "/StemV 80/FontFile2 8 0 R"},
      {"/Font<</T 3 0 R>>", "/Font<</T 4 0 R>>"},
      {"/Font<</T 3 0 R>>", "/Font<</U 3 0 R>>"},
      {"/Font<</T 3 0 R>>", "                 "},
      {"/Subtype/CIDFontType2", "/Subtype/CIDFontType0"},
  };
  for (const auto &[from, to] : changes) {
    const bool harmless = to == "<e000> <d842dfb8>";
    EXPECT_EQ(harmless, accepts(Kind::pdf, to_buffer(replaced(pdf, from, to)))) << to;
  }
}

TEST(Verify, much_text) {
  std::string page; // as much as there may be, with more characters than one block of the map holds
  for (std::size_t i = 0; i < rebuild::most_text_of_page; ++i)
    utf8_append(page, i < 250 ? 0x20000 + static_cast<char32_t>(i) : U'字');
  const Buffer full = pdf_of({{page, Way::right, 0, 0, 1, 1}});
  EXPECT_TRUE(accepts(Kind::pdf, full));
  EXPECT_EQ(full, pdf_of({{page + "字", Way::right, 0, 0, 1, 1}, three_runs[0]})); // left out
  const std::string contents = contents_of(full);
  EXPECT_FALSE(
      accepts(Kind::pdf, with_contents(replaced(to_buffer(contents), "> Tj", "5b57> Tj"))));
  EXPECT_FALSE(accepts(Kind::pdf, with_contents(std::string(5u << 20, ' '))));
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

TEST(Verify, sizes_in_print_are_whole_dots_an_inch) {
  std::string jpeg(as_chars(some_jpeg(false)));
  const auto density = [&](std::string_view octets) {
    std::string changed = jpeg;
    return to_buffer(changed.replace(11, octets.size(), octets));
  };
  using namespace std::string_view_literals;
  for (const std::string_view good : {"\x01\x01\0\0\x01\0\x01"sv, "\x01\x01\x01\0\x0a\x12\xc0"sv})
    EXPECT_TRUE(accepts(Kind::jpeg, density(good))) << good;
  for (const std::string_view bad : {"\x01\x02\0\0\x01\0\x01"sv, "\x01\x01\0\0\x02\0\x01"sv, "\x01\x01\x01\0\x09\0\x48"sv,
                                     "\x01\x01\x01\0\x48\x12\xc1"sv, "\x01\x01\x02\0\x48\0\x48"sv, "\x01\x01\0\0\x01\0\x01\x01"sv})
    EXPECT_FALSE(accepts(Kind::jpeg, density(bad))) << bad;

  rebuild::Pixels pixels = picture(9, 9, 3);
  pixels.density = {300, 150};
  const std::string png(as_chars(rebuild::write_png(pixels)));
  EXPECT_TRUE(accepts(Kind::png, to_buffer(png)));
  const auto chunk = [&](std::uint32_t across, char unit) {
    std::string data = "pHYs";
    for (const std::uint32_t dots : {across, std::uint32_t{5906}})
      for (int shift = 24; shift >= 0; shift -= 8)
        data += static_cast<char>(dots >> shift);
    data += unit;
    const uLong sum = crc32(0, reinterpret_cast<const Bytef *>(data.data()), static_cast<uInt>(data.size()));
    std::string whole("\0\0\0\x09", 4);
    whole += data;
    for (int shift = 24; shift >= 0; shift -= 8)
      whole += static_cast<char>(sum >> shift);
    return to_buffer(png.substr(0, 33) + whole + png.substr(54));
  };
  EXPECT_TRUE(accepts(Kind::png, chunk(11811, 1)));
  for (const std::uint32_t wrong : {0u, 1u, 393u, 11810u, 11812u, 190'000u, 0xffffffffu})
    EXPECT_FALSE(accepts(Kind::png, chunk(wrong, 1))) << wrong;
  EXPECT_FALSE(accepts(Kind::png, chunk(11811, 0)));
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
