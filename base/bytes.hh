// One reader for all hostile bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho {

using Bytes = std::span<const std::byte>;
using Buffer = std::vector<std::byte>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte *>(text.data()), text.size()};
}
/// Octets seen as characters.  It says nothing about their encoding: check before treating as text.
inline std::string_view as_chars(Bytes bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}
inline Buffer to_buffer(Bytes bytes) { return {bytes.begin(), bytes.end()}; }
inline Buffer to_buffer(std::string_view text) { return to_buffer(as_bytes(text)); }

/// Lower-case hexadecimal, two digits an octet.
std::string to_hex(Bytes bytes);

/// A cursor that cannot run over.  Reading past the end yields zeros or an empty span and sets
/// failed(), which stays set: a parser may read a whole header and ask once.
/// Multi-octet integers are in network byte order unless the name ends in _le.
class ByteReader {
public:
  explicit ByteReader(Bytes bytes) : bytes_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return position_ == bytes_.size(); }
  std::size_t remaining() const { return bytes_.size() - position_; }
  std::size_t position() const { return position_; }

  std::uint8_t read_u8() { return static_cast<std::uint8_t>(read_be(1)); }
  std::uint16_t read_u16() { return static_cast<std::uint16_t>(read_be(2)); }
  std::uint32_t read_u32() { return static_cast<std::uint32_t>(read_be(4)); }
  std::uint64_t read_u64() { return read_be(8); }
  std::uint16_t read_u16_le() { return static_cast<std::uint16_t>(read_le(2)); }
  std::uint32_t read_u32_le() { return static_cast<std::uint32_t>(read_le(4)); }
  std::uint64_t read_u64_le() { return read_le(8); }

  /// The next `count` octets, borrowed from the input.
  Bytes take(std::size_t count) {
    if (failed_ || count > remaining()) {
      failed_ = true;
      return {};
    }
    Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }
  void skip(std::size_t count) { (void)take(count); }
  Bytes rest() { return take(remaining()); }
  /// A u32 length, then that many octets; fails when the length is above `limit`.
  Bytes take_counted(std::size_t limit) {
    std::size_t length = read_u32();
    if (length > limit) failed_ = true;
    return take(length);
  }
  std::string take_string(std::size_t limit) { return std::string(as_chars(take_counted(limit))); }

private:
  std::uint64_t read_be(std::size_t count) {
    std::uint64_t value = 0;
    for (std::byte octet : take(count)) value = value << 8 | std::to_integer<std::uint64_t>(octet);
    return value;
  }
  std::uint64_t read_le(std::size_t count) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (std::byte octet : take(count)) {
      value |= std::to_integer<std::uint64_t>(octet) << shift;
      shift += 8;
    }
    return value;
  }

  Bytes bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

/// The writing twin: big-endian integers and counted strings, as ByteReader reads them.
class ByteWriter {
public:
  void put_u8(std::uint8_t value) { buffer_.push_back(std::byte{value}); }
  void put_u16(std::uint16_t value) { put_be(value, 2); }
  void put_u32(std::uint32_t value) { put_be(value, 4); }
  void put_u64(std::uint64_t value) { put_be(value, 8); }
  void put_bytes(Bytes bytes) { buffer_.insert(buffer_.end(), bytes.begin(), bytes.end()); }
  void put_counted(Bytes bytes) {
    put_u32(static_cast<std::uint32_t>(bytes.size()));
    put_bytes(bytes);
  }
  void put_counted(std::string_view text) { put_counted(as_bytes(text)); }
  const Buffer &buffer() const & { return buffer_; }
  Buffer take() { return std::move(buffer_); }

private:
  void put_be(std::uint64_t value, unsigned octets) {
    for (unsigned i = octets; i-- > 0;)
      buffer_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
  }
  Buffer buffer_;
};

} // namespace sekisho
