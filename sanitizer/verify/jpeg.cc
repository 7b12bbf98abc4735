// JPEG (ITU-T T.81 annex B): SOI, JFIF, tables, one frame, its scan, EOI.  No application data but
// JFIF without a thumbnail, no comment, nothing behind.
#include "sanitizer/verify/files.hh"

#include <array>
#include <string_view>

namespace sekisho::verify {
namespace {

using namespace std::string_view_literals;

enum Marker : std::uint8_t {
  start_baseline = 0xc0,
  huffman = 0xc4,
  restart_first = 0xd0,
  restart_last = 0xd7,
  start_of_image = 0xd8,
  end_of_image = 0xd9,
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

bool is_plain_jfif(Bytes segment) { // ITU-T T.871 §10.1, thumbnail 0 x 0
  const std::string_view text = as_chars(segment);
  return text.size() == 14 && text.starts_with("JFIF\0"sv) && text.ends_with("\0\0"sv);
}

bool is_quantization(Bytes segment) { // §B.2.4.1, 8-bit tables
  ByteReader reader(segment);
  while (!reader.failed() && !reader.at_end()) {
    if (reader.read_u8() > 3) return false;
    reader.skip(64);
  }
  return !reader.failed();
}

bool is_huffman(Bytes segment) { // §B.2.4.2
  ByteReader reader(segment);
  while (!reader.failed() && !reader.at_end()) {
    if ((reader.read_u8() & 0xee) != 0) return false;
    std::size_t symbols = 0;
    for (unsigned i = 0; i < 16; ++i)
      symbols += reader.read_u8();
    if (symbols > 256) return false;
    reader.skip(symbols);
  }
  return !reader.failed();
}

std::optional<JpegShape> read_frame(Bytes segment) { // §B.2.2
  ByteReader reader(segment);
  JpegShape shape;
  const bool eight_bits = reader.read_u8() == 8;
  shape.height = reader.read_u16();
  shape.width = reader.read_u16();
  shape.components = reader.read_u8();
  reader.skip(std::size_t{shape.components} * 3);
  const bool known = shape.components == 1 || shape.components == 3;
  if (reader.failed() || !reader.at_end() || !eight_bits || !known) return std::nullopt;
  if (shape.width == 0 || shape.height == 0) return std::nullopt;
  return shape;
}

bool is_whole_scan(Bytes segment, unsigned components) { // §B.2.3, baseline: all at once
  return segment.size() == 4 + 2 * std::size_t{components} &&
         std::to_integer<unsigned>(segment[0]) == components &&
         as_chars(segment).ends_with("\x00\x3f\x00"sv);
}

/// The coded data up to its end: only stuffed octets and restarts inside (§B.1.1.5), then EOI as
/// the very last.
bool ends_after_scan(Bytes rest) {
  for (std::size_t at = 0; at + 1 < rest.size(); ++at) {
    if (rest[at] != std::byte{0xff}) continue;
    const auto marker = std::to_integer<std::uint8_t>(rest[++at]);
    if (marker == 0 || (marker >= restart_first && marker <= restart_last)) continue;
    return marker == end_of_image && at + 1 == rest.size();
  }
  return false;
}

} // namespace

std::optional<JpegShape> our_jpeg(Bytes untrusted) {
  ByteReader reader(untrusted);
  if (read_marker(reader) != start_of_image) return std::nullopt;
  std::optional<JpegShape> shape;
  bool first = true;
  while (!reader.failed()) {
    const std::uint8_t marker = read_marker(reader);
    const Bytes segment = read_segment(reader);
    bool right = false;
    switch (marker) {
    case jfif: right = first && is_plain_jfif(segment); break;
    case quantization: right = is_quantization(segment); break;
    case huffman: right = is_huffman(segment); break;
    case start_baseline: right = !shape && (shape = read_frame(segment)).has_value(); break;
    case start_of_scan:
      if (!shape || !is_whole_scan(segment, shape->components)) return std::nullopt;
      return ends_after_scan(reader.rest()) ? shape : std::nullopt;
    default: break;
    }
    if (!right) return std::nullopt;
    first = false;
  }
  return std::nullopt;
}

} // namespace sekisho::verify
