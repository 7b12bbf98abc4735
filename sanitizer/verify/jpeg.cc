// JPEG (ITU-T T.81 annex B): SOI, JFIF, tables, one frame, its scan, EOI.  No application data but
// JFIF without a thumbnail, no comment, nothing behind; and in the scan exactly the blocks of the
// frame (jpeg_scan.cc).
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/jpeg_scan.hh"

#include <algorithm>
#include <array>
#include <string_view>

namespace sekisho::verify {
namespace {

using namespace std::string_view_literals;

enum Marker : std::uint8_t {
  start_baseline = 0xc0,
  huffman = 0xc4,
  start_of_image = 0xd8,
  start_of_scan = 0xda,
  quantization = 0xdb,
  jfif = 0xe0,
};

/// The marker after 0xff, 0 when there is none.
std::uint8_t read_marker(ByteReader &reader) {
  return reader.read_u8() == 0xff ? reader.read_u8() : std::uint8_t{0};
}

Bytes read_segment(ByteReader &reader) { // §B.1.1.4: the length counts itself
  const std::uint16_t length = reader.read_u16();
  return length < 2 ? reader.take(SIZE_MAX) : reader.take(length - 2u);
}

/// ITU-T T.871 §10.1: version 1.1, square dots or 10 to 4800 an inch, thumbnail 0 x 0.
bool is_plain_jfif(Bytes segment) {
  if (as_chars(segment).substr(0, 7) != "JFIF\0\x01\x01"sv) return false;
  ByteReader reader(segment.subspan(7));
  const unsigned unit = reader.read_u8(), across = reader.read_u16(), down = reader.read_u16();
  const bool square = unit == 0 && across == 1 && down == 1;
  const bool inches = unit == 1 && std::min(across, down) >= 10 && std::max(across, down) <= 4800;
  return (square || inches) && reader.read_u16() == 0 && reader.at_end() && !reader.failed();
}

/// §B.2.4.1, 8-bit tables, each once: a table said again would be room for octets of no pixel.
bool is_quantization(Bytes segment, std::array<bool, 4> &known) {
  ByteReader reader(segment);
  while (!reader.failed() && !reader.at_end()) {
    const std::uint8_t number = reader.read_u8();
    if (number >= known.size() || known[number]) return false;
    known[number] = true;
    reader.skip(64);
  }
  return !reader.failed();
}

bool read_huffman(Bytes segment, JpegScan &scan) { // §B.2.4.2
  ByteReader reader(segment);
  while (!reader.failed() && !reader.at_end()) {
    const unsigned place = reader.read_u8(); // class in the upper half, number in the lower
    if ((place & 0xee) != 0) return false;
    const Bytes counts = reader.take(16);
    std::size_t symbols = 0;
    for (std::byte count : counts)
      symbols += std::to_integer<std::size_t>(count);
    const Bytes values = reader.take(symbols);
    if (reader.failed() || !scan.define(place >> 4, place & 1, counts, values)) return false;
  }
  return !reader.failed();
}

std::optional<JpegShape> read_frame(Bytes segment, JpegScan &scan) { // §B.2.2
  ByteReader reader(segment);
  JpegShape shape;
  const bool eight_bits = reader.read_u8() == 8;
  shape.height = reader.read_u16();
  shape.width = reader.read_u16();
  shape.components = reader.read_u8();
  const bool known = shape.components == 1 || shape.components == 3;
  if (!eight_bits || !known || shape.width == 0 || shape.height == 0) return std::nullopt;
  if (std::uint64_t{shape.width} * shape.height > most_pixels) return std::nullopt;
  for (unsigned i = 0; i < shape.components; ++i) {
    const unsigned name = reader.read_u8(), sampling = reader.read_u8();
    if (reader.read_u8() > 3 || !scan.add_component(name, sampling >> 4, sampling & 15))
      return std::nullopt;
  }
  if (reader.failed() || !reader.at_end()) return std::nullopt;
  return shape;
}

/// §B.2.3, baseline: all components at once, all coefficients.
bool read_scan_header(Bytes segment, unsigned components, JpegScan &scan) {
  ByteReader reader(segment);
  if (reader.read_u8() != components) return false;
  for (unsigned i = 0; i < components; ++i) {
    const unsigned name = reader.read_u8(), tables = reader.read_u8();
    if (!scan.choose_tables(i, name, tables >> 4, tables & 15)) return false;
  }
  return as_chars(reader.take(3)) == "\x00\x3f\x00"sv && !reader.failed() && reader.at_end();
}

} // namespace

std::optional<JpegShape> our_jpeg(Bytes untrusted) {
  ByteReader reader(untrusted);
  if (read_marker(reader) != start_of_image) return std::nullopt;
  std::optional<JpegShape> shape;
  JpegScan scan;
  std::array<bool, 4> quantizations{};
  bool first = true;
  while (!reader.failed()) {
    const std::uint8_t marker = read_marker(reader);
    const Bytes segment = read_segment(reader);
    bool right = false;
    switch (marker) {
    case jfif: right = first && is_plain_jfif(segment); break;
    case quantization: right = is_quantization(segment, quantizations); break;
    case huffman: right = read_huffman(segment, scan); break;
    case start_baseline: right = !shape && (shape = read_frame(segment, scan)).has_value(); break;
    case start_of_scan:
      if (!shape || !read_scan_header(segment, shape->components, scan)) return std::nullopt;
      return scan.is_exactly(reader.rest(), shape->width, shape->height) ? shape : std::nullopt;
    default: break;
    }
    if (!right) return std::nullopt;
    first = false;
  }
  return std::nullopt;
}

} // namespace sekisho::verify
