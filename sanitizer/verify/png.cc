// PNG (ISO/IEC 15948): IHDR, one IDAT, IEND, right sums, exactly the rows, nothing else.
#include "sanitizer/verify/files.hh"

#include <zlib.h>

#include <string_view>

namespace sekisho::verify {
namespace {

struct Chunk {
  std::string_view type;
  Bytes data;
  bool right = false;
};

Chunk read_chunk(ByteReader &reader) {
  Chunk chunk;
  const std::uint32_t size = reader.read_u32();
  const Bytes type = reader.take(4);
  chunk.data = reader.take(size);
  const std::uint32_t sum = reader.read_u32();
  if (reader.failed() || size > 0x7fffffff) return chunk;
  chunk.type = as_chars(type);
  uLong crc = crc32(0, reinterpret_cast<const Bytef *>(type.data()), 4);
  if (!chunk.data.empty()) // zlib takes a null pointer as "begin anew"
    crc = crc32_z(crc, reinterpret_cast<const Bytef *>(chunk.data.data()), chunk.data.size());
  chunk.right = crc == sum;
  return chunk;
}

unsigned channels_of(unsigned colour_type) { // §11.2.2, of the types we write
  switch (colour_type) {
  case 0: return 1;
  case 2: return 3;
  case 4: return 2;
  case 6: return 4;
  default: return 0;
  }
}

/// Octets of the unpacked rows; 0 when the header is not ours.  `row` gets the size of one.
std::uint64_t read_header(Bytes header, std::size_t &row) {
  ByteReader reader(header);
  const std::uint32_t width = reader.read_u32(), height = reader.read_u32();
  const unsigned depth = reader.read_u8(), channels = channels_of(reader.read_u8());
  const bool plain = reader.read_u8() == 0 && reader.read_u8() == 0 && reader.read_u8() == 0;
  if (reader.failed() || !reader.at_end() || !plain || depth != 8 || channels == 0) return 0;
  if (width == 0 || height == 0 || std::uint64_t{width} * height > most_pixels) return 0;
  row = std::size_t{width} * channels + 1;
  return std::uint64_t{row} * height;
}

} // namespace

bool is_our_png(Bytes untrusted) {
  ByteReader reader(untrusted);
  if (as_chars(reader.take(8)) != "\x89PNG\r\n\x1a\n") return false;
  const Chunk header = read_chunk(reader), picture = read_chunk(reader), end = read_chunk(reader);
  if (reader.failed() || !reader.at_end()) return false;
  if (!header.right || !picture.right || !end.right) return false;
  if (header.type != "IHDR" || picture.type != "IDAT" || end.type != "IEND") return false;
  if (!end.data.empty()) return false;
  std::size_t row = 0;
  const std::uint64_t size = read_header(header.data, row);
  return size > 0 && unpacks_to(picture.data, size, row, 4);
}

} // namespace sekisho::verify
