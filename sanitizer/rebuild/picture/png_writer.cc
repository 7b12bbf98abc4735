#include "sanitizer/rebuild/picture/png_writer.hh"

#include "sanitizer/rebuild/deflate.hh"
#include "sanitizer/rebuild/picture/png_filter.hh"
#include "sanitizer/rebuild/picture/png_reduce.hh"

#include <libdeflate.h>

#include <array>
#include <optional>

namespace sekisho::rebuild {
namespace {

constexpr int level = 6;
constexpr std::size_t most_of_a_chunk = 0x7fffffff;
constexpr std::array<std::uint8_t, 5> colour_types = {0, 0, 4, 2, 6}; // by channels, §11.2.2

void put_chunk(ByteWriter &writer, std::string_view type, Bytes data) {
  writer.put_u32(static_cast<std::uint32_t>(data.size()));
  writer.put_bytes(as_bytes(type));
  writer.put_bytes(data);
  std::uint32_t crc = libdeflate_crc32(0, type.data(), type.size());
  if (!data.empty()) crc = libdeflate_crc32(crc, data.data(), data.size()); // null would begin anew
  writer.put_u32(crc);
}

struct Form {
  std::uint8_t bits = 8, colour_type = 0; // §11.2.2
};

/// Three octets a colour, filled up with black.
Buffer palette_of(const FewColours &few) {
  ByteWriter writer;
  for (std::size_t i = 0; i < std::size_t{1} << few.bits; ++i) {
    const std::uint32_t colour = i < few.colours.size() ? few.colours[i] : 0;
    writer.put_u8(colour >> 16 & 0xff);
    writer.put_u16(colour & 0xffff);
  }
  return writer.take();
}

/// The alphas that are not full; they stand first.
Buffer alphas_of(const FewColours &few) {
  Buffer alphas;
  for (std::uint32_t colour : few.colours)
    if (colour >> 24 != 0xff) alphas.push_back(static_cast<std::byte>(colour >> 24));
  return alphas;
}

void put_header(ByteWriter &writer, const Pixels &pixels, Form form) {
  ByteWriter header;
  header.put_u32(pixels.width);
  header.put_u32(pixels.height);
  header.put_u8(form.bits);
  header.put_u8(form.colour_type);
  header.put_bytes(as_bytes(std::string_view("\0\0\0", 3))); // deflate, filters of §9, no interlace
  writer.put_bytes(as_bytes("\x89PNG\r\n\x1a\n"));
  put_chunk(writer, "IHDR", header.buffer());
  if (pixels.density.across == 0) return;
  ByteWriter density; // §11.3.5.3, in dots a metre
  for (const std::uint32_t dots : {pixels.density.across, pixels.density.down})
    density.put_u32((dots * 10'000 + 127) / 254);
  density.put_u8(1);
  put_chunk(writer, "pHYs", density.buffer());
}

Buffer write_few(const Pixels &pixels, const FewColours &few) {
  const Buffer packed = deflate(few.rows, level);
  if (packed.empty() || packed.size() > most_of_a_chunk) return {};
  ByteWriter writer;
  put_header(writer, pixels, {static_cast<std::uint8_t>(few.bits), 3});
  put_chunk(writer, "PLTE", palette_of(few));
  if (const Buffer alphas = alphas_of(few); !alphas.empty()) put_chunk(writer, "tRNS", alphas);
  put_chunk(writer, "IDAT", packed);
  put_chunk(writer, "IEND", {});
  return writer.take();
}

} // namespace

Buffer write_png(const Pixels &picture) {
  std::optional<Pixels> smaller = reduced(picture);
  if (smaller) smaller->density = picture.density;
  const Pixels &pixels = smaller ? *smaller : picture;
  if (const std::optional<FewColours> few = few_colours(pixels)) return write_few(pixels, *few);
  const Scratch filtered = filter_rows(pixels);
  if (!filtered) return {};
  const Buffer packed = deflate({filtered.data(), (pixels.row_size() + 1) * pixels.height}, level);
  if (packed.empty() || packed.size() > most_of_a_chunk) return {};
  ByteWriter writer;
  put_header(writer, pixels, {8, colour_types[pixels.channels]});
  put_chunk(writer, "IDAT", packed);
  put_chunk(writer, "IEND", {});
  return writer.take();
}

} // namespace sekisho::rebuild
