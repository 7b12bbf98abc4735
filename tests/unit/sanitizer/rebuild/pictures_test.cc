// GIF, TIFF, BMP and WebP through their decoders and back (H3): what one sees stays, nothing else.
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/count_pixels.hh"
#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/fax.hh"
#include "sanitizer/rebuild/picture/gif_writer.hh"
#include "sanitizer/rebuild/picture/heif_container.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/tiff_writer.hh"
#include "sanitizer/verify/verify.hh"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <webp/encode.h>

namespace sekisho::rebuild {
namespace {

job::Outcome treat(const Buffer &bytes, job::Plan plan = {}) {
  plan.treatments.fill(job::Treatment::render);
  job::Job job;
  job.plan = plan;
  job.bytes = bytes;
  return file(job);
}

bool is_verified(const job::Outcome &outcome) {
  return outcome.status == job::Status::clean &&
         verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output)).has_value();
}

bool says(const job::Outcome &outcome, Reason reason) {
  const std::vector<Reason> &reasons = outcome.report.parts.front().reasons;
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

Scratch pixels_below(std::size_t count, unsigned limit, unsigned seed) {
  std::mt19937 random(seed);
  Scratch pixels(count);
  for (std::size_t i = 0; i < count; ++i)
    pixels.octets()[i] = static_cast<std::uint8_t>(random() % limit);
  return pixels;
}

/// Three frames, of which the second has colours of its own and holes.
Animation moving() {
  Animation animation{60, 50, {}, std::uint16_t{7}, {}};
  for (std::uint32_t i = 0; i < 200; ++i)
    animation.palette.push_back(i * 0x010203);
  for (std::uint16_t i = 0; i < 3; ++i) {
    GifFrame frame;
    frame.left = frame.top = i;
    frame.width = static_cast<std::uint16_t>(58 - i);
    frame.height = 40;
    frame.delay = static_cast<std::uint16_t>(10 + i);
    frame.disposal = static_cast<std::uint8_t>(i);
    if (i == 1) frame.palette = {0x000001, 0x00ff00, 0xff0000, 0};
    if (i == 1) frame.transparent = std::uint8_t{3};
    frame.indices = pixels_below(std::size_t{frame.width} * frame.height, i == 1 ? 4 : 200, i);
    animation.frames.push_back(std::move(frame));
  }
  return animation;
}

TEST(Gif, stays_what_it_was) {
  const Buffer input = write_gif(moving());
  const job::Outcome outcome = treat(input);
  ASSERT_TRUE(is_verified(outcome));
  EXPECT_EQ(job::Kind::gif, outcome.output_kind);
  EXPECT_EQ(input, outcome.output); // its palettes were in their one form already
}

TEST(Gif, comments_and_unused_colours_are_gone) {
  std::string input(as_chars(write_gif(moving())));
  const std::size_t netscape = input.find("\x21\xff");
  input.insert(netscape, std::string("\x21\xfe\x06secret\x00", 10));
  input.replace(13 + 3 * 255, 3, "abc"); // a colour that no pixel has
  const job::Outcome outcome = treat(to_buffer(input));
  EXPECT_EQ(write_gif(moving()), outcome.output);
}

TEST(Gif, palette_order_and_doubles_carry_nothing) {
  Animation straight{2, 2, {0x112233, 0xaabbcc}, {}, {}}, twisted{2, 2, {}, {}, {}};
  twisted.palette = {0xaabbcc, 0x112233, 0x112233, 0x556677};
  for (Animation *animation : {&straight, &twisted}) {
    GifFrame frame;
    frame.width = frame.height = 2;
    frame.indices = Scratch(4);
    animation->frames.push_back(std::move(frame));
  }
  const std::uint8_t zeros_and_ones[] = {0, 1, 1, 0}, the_same[] = {1, 0, 0, 2};
  std::copy_n(zeros_and_ones, 4, straight.frames[0].indices.octets());
  std::copy_n(the_same, 4, twisted.frames[0].indices.octets());
  EXPECT_EQ(write_gif(straight), treat(write_gif(twisted)).output);
}

TEST(Gif, cut_off_is_refused) {
  const Buffer whole = write_gif(moving());
  for (std::size_t length = 13; length < whole.size(); length += 1 + length / 40) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<long>(length));
    EXPECT_EQ(Reason::part_malformed, treat(cut).reason) << length;
  }
}

TEST(Gif, bombs_are_refused_before_memory_is_taken) {
  Animation small = moving();
  Buffer bomb = write_gif(small);
  for (std::size_t i = 6; i < 10; ++i)
    bomb[i] = std::byte{0xff}; // 65535 x 65535
  EXPECT_EQ(Reason::part_too_big, treat(bomb).reason);
  job::Plan plan;
  plan.max_pixels = 60 * 50; // two frames have room, four pictures in all
  EXPECT_TRUE(is_verified(treat(write_gif(small), plan)));
  plan.max_pixels = 60 * 50 - 1;
  EXPECT_EQ(Reason::part_too_big, treat(write_gif(small), plan).reason);
}

// M11: what it is depends on who opens it.
TEST(Pictures, polyglots_are_refused_and_trailing_octets_reported) {
  const std::string gif(as_chars(write_gif(moving())));
  const std::string zip("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
  const auto with = [&](const std::string &behind) { return treat(to_buffer(gif + behind)); };
  EXPECT_EQ(Reason::part_ambiguous, with("PK\x03\x04" + std::string(40, 'x') + zip).reason);
  EXPECT_EQ(Reason::part_ambiguous, with("%PDF-1.4\n").reason);
  EXPECT_EQ(Reason::part_ambiguous, with("MZ" + std::string(70, 'x')).reason);
  EXPECT_EQ(Reason::part_ambiguous, with("<html><script>alert(1)</script></html>").reason);
  const job::Outcome junk = with("\x01\x02\x03 junk");
  EXPECT_TRUE(is_verified(junk) && says(junk, Reason::part_hidden_content));
  EXPECT_EQ(to_buffer(gif), junk.output);
  EXPECT_FALSE(says(with(std::string(9, '\0')), Reason::part_hidden_content)); // padding
}

TEST(Pictures, drawings_have_a_reason_of_their_own) {
  const Buffer svg =
      to_buffer(std::string_view("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>"));
  EXPECT_EQ(Reason::part_vector_picture, treat(svg).reason);
}

Buffer differences_of(const Scratch &pixels, std::size_t row, std::size_t channels) {
  Buffer out(pixels.data(), pixels.data() + pixels.size());
  for (std::size_t start = 0; start < out.size(); start += row)
    for (std::size_t i = row; i-- > channels;)
      out[start + i] = static_cast<std::byte>(std::to_integer<unsigned>(out[start + i]) -
                                              std::to_integer<unsigned>(out[start + i - channels]));
  return deflate(out, 6);
}

std::vector<TiffPage> some_pages() {
  Scratch bits = pixels_below(10 * 61, 256, 3);
  for (std::size_t y = 0; y < 61; ++y)
    bits.octets()[y * 10 + 9] |= 0x07; // 77 wide: what is behind is white
  std::vector<TiffPage> pages(3);
  pages[0] = {77,
              61,
              1,
              TiffPage::Coding::group4,
              204,
              98,
              encode_group4({bits.data(), bits.size()}, 77, 61)};
  for (std::uint32_t channels : {1u, 3u}) {
    const Scratch pixels = pixels_below(40 * 30 * channels, 256, channels);
    pages[channels == 1 ? 1 : 2] = {40,
                                    30,
                                    channels,
                                    TiffPage::Coding::deflated,
                                    0,
                                    0,
                                    differences_of(pixels, 40 * channels, channels)};
  }
  return pages;
}

TEST(Tiff, every_page_stays) {
  const Buffer input = write_tiff(some_pages());
  const job::Outcome outcome = treat(input);
  ASSERT_TRUE(is_verified(outcome));
  EXPECT_EQ(input, outcome.output);
}

job::Outcome treat_cut(const Buffer &bytes, const job::Cut &cut) {
  job::Job job;
  job.plan.treatments.fill(job::Treatment::render);
  job.bytes = bytes;
  job.cut = cut;
  job::Outcome outcome = file(job);
  EXPECT_TRUE(is_verified(outcome));
  return outcome;
}

// What a document does not show of its picture.
TEST(Pictures, sides_are_cut_off) {
  const job::Cut cut{250'000, 0, 250'000, 500'000, false};
  Pixels letters{4, 2, 1, Scratch(8)};
  std::memcpy(letters.row(0), "abcdefgh", 8);
  Pixels left{2, 1, 1, Scratch(2)};
  std::memcpy(left.row(0), "bc", 2);
  EXPECT_EQ(treat_cut(write_png(letters), cut).output, write_png(left));
  EXPECT_EQ(treat_cut(write_png(letters), {1, 1, 1, 1, false}).output, write_png(letters)) << "less than a pixel";
  EXPECT_EQ(treat_cut(write_png(letters), {4'000'000'000, 0, 4'000'000'000, 900'000, true}).output,
            treat_cut(write_png(letters), {999'999, 0, 0, 500'000, false}).output) << "one stays";
  letters.density = {254, 127};
  left.density = {254, 127};
  EXPECT_EQ(treat_cut(write_png(letters), {100, 0, 100, 200, true}).output, write_png(left));
  // Frames outside what is left keep their time.
  const job::Outcome moved = treat_cut(write_gif(moving()), {0, 820'000, 0, 0, false});
  EXPECT_EQ(count_pixels(job::Kind::gif, moved.output, 0), 1u + 1u + 56u);
  EXPECT_EQ(count_pixels(job::Kind::gif, treat_cut(write_gif(moving()), {500'000, 500'000, 0, 0, false}).output, 0), 28u * 15u + 28u * 16u + 28u * 17u);
  // Rows of bits and of octets.
  const job::Outcome pages = treat_cut(write_tiff(some_pages()), {130'000, 500'000, 0, 0, false});
  EXPECT_EQ(count_pixels(job::Kind::tiff, pages.output, 0), 67u * 31u + 2 * 35u * 15u);
}

TEST(Tiff, bits_are_cut_off) {
  std::vector<std::byte> bits{std::byte{0xa5}, std::byte{0x40}, std::byte{0x3c}, std::byte{0x80}};
  std::vector<std::byte> left{std::byte{0x28}, std::byte{0xe0}};
  const auto tiff_of = [](const std::vector<std::byte> &rows, std::uint32_t width) {
    return write_tiff({TiffPage{width, 2, 1, TiffPage::Coding::group4, 0, 0, encode_group4(rows, width, 2)}});
  };
  EXPECT_EQ(treat_cut(tiff_of(bits, 10), {300'000, 0, 200'000, 0, false}).output, tiff_of(left, 5));
}

TEST(Pictures, pixels_over_all_frames_and_pages) {
  EXPECT_EQ(count_pixels(job::Kind::gif, write_gif(moving()), 7), (58u + 57u + 56u) * 40u);
  EXPECT_EQ(count_pixels(job::Kind::tiff, write_tiff(some_pages()), 7), 77u * 61u + 2 * 40u * 30u);
  const Pixels pixels{12, 9, 3, pixels_below(12 * 9 * 3, 256, 1)};
  EXPECT_EQ(count_pixels(job::Kind::png, write_png(pixels), 7), 12u * 9u);
  for (const job::Kind kind : {job::Kind::gif, job::Kind::tiff, job::Kind::png, job::Kind::jpeg}) {
    EXPECT_EQ(count_pixels(kind, {}, 7), 7u);
    for (std::size_t size = 0; size < 60; ++size)
      EXPECT_GT(count_pixels(kind, as_bytes(std::string(size, '\xff')), 7), 0u);
  }
}

TEST(Tiff, limits_and_damage) {
  const Buffer input = write_tiff(some_pages());
  job::Plan plan;
  plan.max_pages = 2;
  EXPECT_EQ(Reason::part_too_big, treat(input, plan).reason);
  plan.max_pages = 3;
  plan.max_pixels = 77 * 61 - 1;
  EXPECT_EQ(Reason::part_too_big, treat(input, plan).reason);
  for (std::size_t length = 8; length < input.size(); length += 1 + length / 40) {
    const Buffer cut(input.begin(), input.begin() + static_cast<long>(length));
    EXPECT_NE(job::Status::clean, treat(cut).status) << length;
  }
}

Buffer bmp_of(const std::string &pixels, std::uint32_t width, std::uint32_t height, unsigned bits) {
  std::string head("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", 18);
  const auto put = [&](std::uint32_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; ++i)
      head += static_cast<char>(value >> (8 * i));
  };
  put(width, 4), put(height, 4), put(1, 2), put(bits, 2);
  return to_buffer(head + std::string(24, '\0') + pixels);
}

TEST(Bmp, becomes_png) {
  // Two rows from the bottom, blue first, each filled up to 8 octets.
  const Buffer input = bmp_of(std::string("abcdef\0\0ghijkl\0\0", 16), 2, 2, 24);
  const job::Outcome outcome = treat(input);
  ASSERT_TRUE(is_verified(outcome));
  Pixels pixels{2, 2, 3, Scratch(12)};
  std::memcpy(pixels.memory.data(), "ihglkjcbafed", 12);
  EXPECT_EQ(write_png(pixels), outcome.output);
  EXPECT_EQ(Reason::part_malformed, treat({input.begin(), input.end() - 1}).reason);
  EXPECT_EQ(Reason::part_too_big, treat(bmp_of("", 70'000, 70'000, 24)).reason);
}

TEST(Webp, lossless_becomes_png_and_lossy_jpeg) {
  Pixels pixels{50, 40, 3, pixels_below(50 * 40 * 3, 256, 5)};
  std::uint8_t *coded = nullptr;
  std::size_t size = WebPEncodeLosslessRGB(pixels.memory.octets(), 50, 40, 150, &coded);
  Buffer input(reinterpret_cast<std::byte *>(coded), reinterpret_cast<std::byte *>(coded) + size);
  WebPFree(coded);
  const job::Outcome outcome = treat(input);
  ASSERT_TRUE(is_verified(outcome));
  EXPECT_EQ(write_png(pixels), outcome.output);
  input.resize(input.size() / 2);
  EXPECT_EQ(Reason::part_malformed, treat(input).reason);
  size = WebPEncodeRGB(pixels.memory.octets(), 50, 40, 150, 80, &coded);
  input.assign(reinterpret_cast<std::byte *>(coded), reinterpret_cast<std::byte *>(coded) + size);
  WebPFree(coded);
  const job::Outcome lossy = treat(input);
  EXPECT_TRUE(is_verified(lossy));
  EXPECT_EQ(job::Kind::jpeg, lossy.output_kind);
}

/// Two pictures of one pixel on a canvas of side x side, each at `place`.
Buffer moving_webp(unsigned side, unsigned place) {
  const std::uint8_t pixel[] = {1, 2, 3, 255};
  std::uint8_t *coded = nullptr;
  const std::size_t size = WebPEncodeLosslessRGBA(pixel, 1, 1, 4, &coded);
  const std::string picture(reinterpret_cast<char *>(coded) + 12, size - 12); // without RIFF
  WebPFree(coded);
  const auto number = [](std::size_t value, unsigned octets) {
    std::string text;
    for (; octets > 0; --octets, value >>= 8)
      text += static_cast<char>(value & 0xff);
    return text;
  };
  const auto chunk = [&](const std::string &name, const std::string &body) {
    return name + number(body.size(), 4) + body + std::string(body.size() % 2, '\0');
  };
  const std::string frame =
      chunk("ANMF", number(place / 2, 3) + number(place / 2, 3) + number(0, 6) + number(100, 3) +
                        number(0, 1) + picture);
  const std::string all = "WEBP" + chunk("VP8X", number(0x12, 4) + number(side - 1, 3) + number(side - 1, 3)) +
                          chunk("ANIM", number(0, 6)) + frame + frame;
  return to_buffer("RIFF" + number(all.size(), 4) + all);
}

TEST(Webp, of_an_animation_the_first_picture_at_its_place) {
  const job::Outcome outcome = treat(moving_webp(10, 4));
  ASSERT_TRUE(is_verified(outcome));
  EXPECT_TRUE(says(outcome, Reason::part_first_picture_only));
  Pixels wanted{10, 10, 4, Scratch(400)};
  const std::uint8_t pixel[] = {1, 2, 3, 255};
  std::copy_n(pixel, 4, wanted.row(4) + 16);
  EXPECT_EQ(write_png(wanted), outcome.output);
  EXPECT_EQ(Reason::part_malformed, treat(moving_webp(10, 10)).reason); // beside its canvas
}

// A canvas is held once: a file of 200 octets claims 100 MB.
TEST(Webp, an_animation_takes_no_more_memory_than_its_canvas) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t most = pages * 4096 + (220u << 20);
    const rlimit limit{most, most};
    ::setrlimit(RLIMIT_AS, &limit);
    ::_exit(treat(moving_webp(5000, 0)).status == job::Status::clean ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Tiff, an_unknown_coding_is_a_variant) {
  Buffer file = write_tiff(some_pages());
  const std::string compression("\3\1\3\0\1\0\0\0", 8);
  for (std::size_t at = 0; (at = as_chars(file).find(compression, at)) != std::string_view::npos; at += 12)
    file[at + 8] = file[at + 9] = std::byte{0xfe};
  EXPECT_EQ(treat(file).reason, Reason::part_variant);
}

std::string number(std::size_t value, unsigned octets) {
  std::string text;
  for (; octets > 0; --octets)
    text += static_cast<char>(value >> (octets - 1) * 8 & 0xff);
  return text;
}
std::string box(const std::string &type, const std::string &body) {
  return number(body.size() + 8, 4) + type + body;
}

/// One item of `pieces` extents, each all of the file; its properties are said `times` times.
std::string heif_of_pieces(unsigned pieces, unsigned times = 1) {
  std::string places = number(0, 4) + number(0x4400, 2) + number(1, 2) + number(1, 2) +
                       number(0, 2) + number(pieces, 2) + std::string(8 * pieces, '\0');
  const std::string item = box("infe", number(0x02000000, 4) + number(1, 2) + number(0, 2) + "hvc1" + number(0, 1));
  const std::string all = box("ipco", box("hvcC", std::string(23, '\0')) +
                                          box("ispe", number(0, 4) + number(9, 4) + number(9, 4)));
  std::string said;
  for (unsigned i = 0; i < times; ++i)
    said += number(1, 2) + number(2, 1) + number(1, 1) + number(2, 1);
  return box("ftyp", "heic" + number(0, 4)) +
         box("meta", number(0, 4) + box("pitm", number(0, 4) + number(1, 2)) +
                         box("iinf", number(0, 4) + number(1, 2) + item) + box("iloc", places) +
                         box("iprp", all + box("ipma", number(0, 4) + number(times, 4) + said)));
}

std::string of_hex(std::string_view digits) {
  std::string octets;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    octets += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return octets;
}

/// A square of 64 pixels in one colour, as x265 writes it: hvcC, and the octets of an item.
const std::string square_configuration = of_hex(
    "0104080000000000000000001ef000fcfdfafa00000f03200001001740010c01ffff0408000003009db800000300001eba024021000100"
    "2a4201010408000003009db800000300001ea0208104d96ea4929ae6e04040c0800000030080000003008422000100074401c172b02240");
const std::string square = of_hex(
    "0000007c2801af13806689134cbe3773e1bffff86e28fd9cf0fb11d5073424cdfff26faf7987bce9d03d7722f809751eb6cad7128b2fa5"
    "d2a0faecd8e4300d65bd5118609ab6cf4033a1f34e5ede697464e7177c407b38fb0e7747123120e75f67fff7e44abe9e68c79f48b0008c"
    "6d644669c0a45ff12b51ddf4de88c0f95780");

/// A grid of such squares beside each other; those behind the first are copies of it, or itself.
enum class Beside { nothing, picture, hidden, thumbnail };
std::string heif_of_squares(unsigned columns, unsigned width, bool copies, Beside beside = Beside::nothing) {
  const std::string start = box("ftyp", "heic" + number(0, 4)) +
                            box("mdat", std::string(2, '\0') + number(columns - 1, 2) + number(width, 2) + number(64, 2) + square + square);
  std::string items, places, said, tiles;
  const auto add = [&](unsigned id, const char *type, std::size_t at, std::size_t size, const std::string &properties) {
    items += box("infe", number(id == 99 && beside == Beside::hidden ? 0x02000001 : 0x02000000, 4) + number(id, 2) + number(0, 2) + type + number(0, 1));
    places += number(id, 2) + number(0, 2) + number(1, 2) + number(at, 4) + number(size, 4);
    said += number(id, 2) + number(properties.size(), 1) + properties;
  };
  add(1, "grid", 24, 8, "\2");
  for (unsigned i = 0; i < (copies ? columns : 1); ++i)
    add(2 + i, "hvc1", i == 0 ? 32 : 32 + square.size(), square.size(), "\1\2");
  for (unsigned i = 0; i < columns; ++i)
    tiles += number(copies ? 2 + i : 2, 2);
  if (beside != Beside::nothing) add(99, "hvc1", 32, square.size(), "\1\2");
  const std::string thumbnail = beside == Beside::thumbnail ? box("thmb", number(99, 2) + number(1, 2) + number(1, 2)) : "";
  const unsigned count = (copies ? 1 + columns : 2) + (beside == Beside::nothing ? 0 : 1);
  const std::string all = box("ipco", box("hvcC", square_configuration) + box("ispe", number(0, 4) + number(width, 4) + number(64, 4)));
  return start + box("meta", number(0, 4) + box("pitm", number(0, 4) + number(1, 2)) +
                                 box("iinf", number(0, 4) + number(count, 2) + items) +
                                 box("iloc", number(0, 4) + number(0x4400, 2) + number(count, 2) + places) +
                                 box("iprp", all + box("ipma", number(0, 4) + number(count, 4) + said)) +
                                 box("iref", number(0, 4) + thumbnail + box("dimg", number(1, 2) + number(columns, 2) + tiles)));
}

TEST(Heif, a_grid_of_tiles) {
  const job::Outcome outcome = treat(to_buffer(heif_of_squares(2, 100, true)));
  ASSERT_TRUE(is_verified(outcome)) << word_of(outcome.reason);
  EXPECT_EQ(count_pixels(job::Kind::jpeg, outcome.output, 1), 6400u);
  // A tile that has no part in the picture, though each of them is a picture.
  EXPECT_EQ(treat(to_buffer(heif_of_squares(2, 64, true))).reason, Reason::part_malformed);
  EXPECT_EQ(treat(to_buffer(heif_of_squares(2, 129, true))).reason, Reason::part_malformed);
}

TEST(Heif, other_pictures_in_the_file_are_told) {
  const auto told = [](Beside beside) {
    const job::Outcome outcome = treat(to_buffer(heif_of_squares(2, 100, true, beside)));
    EXPECT_TRUE(is_verified(outcome)) << word_of(outcome.reason);
    return says(outcome, Reason::part_first_picture_only);
  };
  EXPECT_FALSE(told(Beside::nothing));
  EXPECT_TRUE(told(Beside::picture));
  EXPECT_FALSE(told(Beside::hidden));
  EXPECT_FALSE(told(Beside::thumbnail));
  EXPECT_TRUE(says(treat(to_buffer(heif_of_squares(2, 100, true) + box("moov", ""))), Reason::part_first_picture_only));
}

TEST(Heif, what_is_said_once_is_not_decoded_again_and_again) {
  EXPECT_TRUE(read_heif(as_bytes(heif_of_squares(2, 128, false))));
  EXPECT_EQ(treat(to_buffer(heif_of_squares(40, 64 * 40, false))).reason, Reason::part_malformed);
  EXPECT_TRUE(read_heif(as_bytes(heif_of_pieces(1, 4096))));
  EXPECT_FALSE(read_heif(as_bytes(heif_of_pieces(1, 4097))));
}

TEST(Heif, no_octet_belongs_to_an_item_twice) {
  EXPECT_TRUE(read_heif(as_bytes(heif_of_pieces(1))));
  EXPECT_FALSE(read_heif(as_bytes(heif_of_pieces(2))));
}

TEST(Heif, every_tile_has_a_part_in_the_picture) {
  HeifPicture picture;
  picture.width = 1000, picture.height = 500, picture.columns = 2, picture.rows = 1;
  EXPECT_TRUE(fit(picture, 512, 512));
  EXPECT_TRUE(fit(picture, 999, 500));
  EXPECT_FALSE(fit(picture, 1000, 500)); // the second would lie outside
  EXPECT_FALSE(fit(picture, 499, 500));
  EXPECT_FALSE(fit(picture, 512, 499));
}

TEST(Colour, gamma_and_profiles) {
  Pixels gray{2, 1, 1, Scratch(2)};
  gray.memory.octets()[0] = 128;
  gray.memory.octets()[1] = 255;
  to_srgb(gray, as_bytes("no profile"));
  EXPECT_EQ(128, gray.memory.octets()[0]);
  to_srgb(gray, Tone{1.0, {}}); // linear light: half of it is 188 in sRGB
  EXPECT_NEAR(188, gray.memory.octets()[0], 1);
  EXPECT_EQ(255, gray.memory.octets()[1]);
}

// The lowest bits are others, the rest is not, and the same input gives the same again.
TEST(Noise, replaces_lowest_bits) {
  job::Plan plan;
  plan.noise = 2;
  Pixels pixels{32, 32, 3, pixels_below(32 * 32 * 3, 256, 11)};
  const Buffer input = write_png(pixels);
  const job::Outcome noisy = treat(input, plan);
  ASSERT_TRUE(is_verified(noisy) && says(noisy, Reason::part_noise));
  EXPECT_EQ(noisy.output, treat(input, plan).output);
  EXPECT_NE(noisy.output, treat(input).output);
  std::vector<Reason> reasons;
  Pixels replaced{32, 32, 3, pixels_below(32 * 32 * 3, 256, 11)};
  Noise(Input(input), plan).replace(replaced, reasons);
  EXPECT_EQ(noisy.output, write_png(replaced));
  unsigned same = 0;
  for (std::size_t i = 0; i < 32 * 32 * 3; ++i) {
    EXPECT_EQ(pixels.memory.octets()[i] >> 2, replaced.memory.octets()[i] >> 2);
    same += pixels.memory.octets()[i] == replaced.memory.octets()[i];
  }
  EXPECT_NEAR(32 * 32 * 3 / 4, same, 150); // by chance
  EXPECT_TRUE(is_verified(treat(write_gif(moving()), plan)));
  EXPECT_TRUE(is_verified(treat(write_tiff(some_pages()), plan)));
}

// What nobody sees may not go along: colours under an alpha of 0.
TEST(Png, unseen_colours_are_black) {
  Pixels hidden{4, 4, 4, pixels_below(64, 256, 9)}, black{4, 4, 4, pixels_below(64, 256, 9)};
  for (std::size_t i = 0; i < 64; i += 8) {
    hidden.memory.octets()[i + 3] = 0;
    std::fill_n(black.memory.octets() + i, 4, std::uint8_t{0});
  }
  EXPECT_EQ(write_png(black), treat(write_png(hidden)).output);
}

/// Whole dots an inch, in the form that the writers give them.
TEST(Pictures, size_in_print_stays_where_it_is_believable) {
  const auto pixels = [](Density density) { return Pixels{20, 10, 3, pixels_below(600, 256, 3), density}; };
  const auto jpeg = [&](Density density) {
    const Pixels source = pixels(density);
    return *encode_jpeg({source.memory.octets(), source.row_size(), 20, 10, JpegSource::Format::rgb, density}, 90);
  };
  const auto start = [](const Buffer &file) { return std::string(as_chars(file).substr(0, 60)); };
  for (const Density density : {Density{300, 150}, Density{72, 72}, Density{4800, 10}, Density{}}) {
    const Buffer png = write_png(pixels(density));
    EXPECT_EQ(start(treat(png).output), start(png)) << density.across;
    EXPECT_TRUE(is_verified(treat(png)));
    const Buffer in_jpeg = jpeg(density);
    EXPECT_EQ(start(treat(in_jpeg).output).substr(0, 20), start(in_jpeg).substr(0, 20)) << density.across;
    EXPECT_TRUE(is_verified(treat(in_jpeg)));
  }
  for (const Density unlikely : {Density{9, 300}, Density{300, 4801}, Density{65535, 65535}}) {
    EXPECT_EQ(start(treat(write_png(pixels(unlikely))).output), start(write_png(pixels({}))));
    EXPECT_EQ(start(treat(jpeg(unlikely)).output).substr(0, 20), start(jpeg({})).substr(0, 20));
  }
  Buffer metric = jpeg({118, 59});
  metric[13] = std::byte{2}; // a centimetre
  EXPECT_EQ(start(treat(metric).output).substr(0, 20), start(jpeg({300, 150})).substr(0, 20));
}

} // namespace
} // namespace sekisho::rebuild
