#include "sanitizer/rebuild/png_writer.hh"

#include "sanitizer/rebuild/deflate.hh"

#include <libdeflate.h>

#include <array>
#include <cstdlib>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr int level = 6;
constexpr std::array<std::uint8_t, 5> colour_types = {0, 0, 4, 2, 6}; // by channels, §11.2.2

std::uint8_t paeth(int a, int b, int c) { // §9.4
  const int p = a + b - c, pa = std::abs(p - a), pb = std::abs(p - b), pc = std::abs(p - c);
  return static_cast<std::uint8_t>(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/// One row by one of the filters of §9.2 that are worth their time: none, up, Paeth.
void filter_row(unsigned type, const std::uint8_t *row, const std::uint8_t *above, std::size_t size,
                std::size_t channels, std::uint8_t *out) {
  for (std::size_t i = 0; i < size; ++i) {
    const int left = i >= channels ? row[i - channels] : 0, up = above ? above[i] : 0;
    const int corner = above && i >= channels ? above[i - channels] : 0;
    const int guess = type == 0 ? 0 : type == 2 ? up : paeth(left, up, corner);
    out[i] = static_cast<std::uint8_t>(row[i] - guess);
  }
}

/// Sum of the differences taken as signed: small where deflate finds much alike (§12.8).
std::size_t cost_of(const std::uint8_t *filtered, std::size_t size) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < size; ++i)
    sum += filtered[i] < 128 ? filtered[i] : std::size_t{256} - filtered[i];
  return sum;
}

void put_chunk(ByteWriter &writer, std::string_view type, Bytes data) {
  writer.put_u32(static_cast<std::uint32_t>(data.size()));
  writer.put_bytes(as_bytes(type));
  writer.put_bytes(data);
  std::uint32_t crc = libdeflate_crc32(0, type.data(), type.size());
  if (!data.empty()) crc = libdeflate_crc32(crc, data.data(), data.size()); // null would begin anew
  writer.put_u32(crc);
}

Scratch filter_all(const Pixels &pixels) {
  const std::size_t size = pixels.row_size();
  Scratch filtered((size + 1) * pixels.height);
  if (!filtered) return filtered;
  std::vector<std::uint8_t> trial(size);
  for (std::uint32_t y = 0; y < pixels.height; ++y) {
    std::uint8_t *out = filtered.octets() + (size + 1) * y;
    const std::uint8_t *above = y > 0 ? pixels.row(y - 1) : nullptr;
    std::size_t best = SIZE_MAX;
    for (unsigned type : {0u, 2u, 4u}) {
      filter_row(type, pixels.row(y), above, size, pixels.channels, trial.data());
      const std::size_t cost = cost_of(trial.data(), size);
      if (cost >= best) continue;
      best = cost;
      out[0] = static_cast<std::uint8_t>(type);
      std::copy(trial.begin(), trial.end(), out + 1);
    }
  }
  return filtered;
}

} // namespace

Buffer write_png(const Pixels &pixels) {
  const Scratch filtered = filter_all(pixels);
  if (!filtered) return {};
  const Buffer packed = deflate({filtered.data(), filtered.size()}, level);
  if (packed.empty() || packed.size() > 0x7fffffff) return {};
  ByteWriter header;
  header.put_u32(pixels.width);
  header.put_u32(pixels.height);
  header.put_u8(8);
  header.put_u8(colour_types[pixels.channels]);
  header.put_bytes(as_bytes(std::string_view("\0\0\0", 3))); // deflate, filters of §9, no interlace
  ByteWriter writer;
  writer.put_bytes(as_bytes("\x89PNG\r\n\x1a\n"));
  put_chunk(writer, "IHDR", header.buffer());
  put_chunk(writer, "IDAT", packed);
  put_chunk(writer, "IEND", {});
  return writer.take();
}

} // namespace sekisho::rebuild
