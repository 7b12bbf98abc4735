#include "gateway/evidence/pcapng.hh"

#include <algorithm>

namespace sekisho::evidence {
namespace {

// Block types and option codes, section 4 and 3.5 of the draft.
constexpr std::uint32_t section_header = 0x0a0d0d0a, interface_description = 1, interface_statistics = 5,
                        enhanced_packet = 6, byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t opt_end = 0, opt_comment = 1, if_name = 2, if_description = 3, if_tsresol = 9, epb_flags = 2;
constexpr std::uint16_t linktype_ethernet = 1;
constexpr std::uint8_t nanosecond_resolution = 9;         // 10^-9
constexpr std::uint32_t flag_inbound = 1, flag_outbound = 2; // epb_flags bits 0-1
constexpr std::size_t max_option = 4096;                  // octets we write
constexpr std::uint32_t max_block = 1u << 20;             // octets we read

void put(Buffer &into, std::uint64_t value, unsigned octets) {
  for (unsigned i = 0; i < octets; ++i) into.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
}

void pad(Buffer &into) {
  while (into.size() % 4 != 0) into.push_back(std::byte{0});
}

/// A cut character at the end would not be UTF-8.
std::string_view cut(std::string_view text) {
  if (text.size() <= max_option) return text;
  std::size_t end = max_option;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

void put_option(Buffer &into, std::uint16_t code, Bytes value) {
  put(into, code, 2);
  put(into, value.size(), 2);
  into.insert(into.end(), value.begin(), value.end());
  pad(into);
}
void put_text(Buffer &into, std::uint16_t code, std::string_view text) {
  if (!text.empty()) put_option(into, code, as_bytes(cut(text)));
}

/// Type and length first, the length again behind the body; blocks start at multiples of four, so that padding
/// can go by the whole buffer.
class Block {
public:
  Block(Buffer &into, std::uint32_t type) : into_(into), start_(into.size()) {
    put(into_, type, 4);
    put(into_, 0, 4);
  }
  ~Block() {
    std::uint64_t length = into_.size() - start_ + 4;
    put(into_, length, 4);
    for (unsigned i = 0; i < 4; ++i)
      into_[start_ + 4 + i] = static_cast<std::byte>(length >> (8 * i) & 0xff);
  }
  Block(const Block &) = delete;
  Block &operator=(const Block &) = delete;

private:
  Buffer &into_;
  std::size_t start_;
};

void put_time(Buffer &into, std::uint64_t nanoseconds) {
  put(into, nanoseconds >> 32, 4); // the upper half first
  put(into, nanoseconds & 0xffffffff, 4);
}
std::uint64_t read_time(ByteReader &reader) {
  std::uint64_t upper = reader.read_u32_le();
  return upper << 32 | reader.read_u32_le();
}

/// Calls `take(code, value)` for each option.
template <class Take> void read_options(ByteReader &reader, Take take) {
  while (reader.remaining() >= 4) {
    std::uint16_t code = reader.read_u16_le(), length = reader.read_u16_le();
    if (code == opt_end) return;
    Bytes value = reader.take(length);
    if (reader.failed()) return;
    take(code, value);
    reader.skip(std::min<std::size_t>((4 - length % 4) % 4, reader.remaining()));
  }
}

std::string comment_of(ByteReader &reader) {
  std::string comment;
  read_options(reader, [&](std::uint16_t code, Bytes value) {
    if (code == opt_comment) comment = std::string(as_chars(value));
  });
  return comment;
}

} // namespace

void put_section(Buffer &into, std::string_view comment) {
  Block block(into, section_header);
  put(into, byte_order_magic, 4);
  put(into, 1, 2); // version 1.0
  put(into, 0, 2);
  put(into, ~std::uint64_t{0}, 8); // length of the section: not told
  put_text(into, opt_comment, comment);
  put_option(into, opt_end, {});
}

void put_interface(Buffer &into, const Interface &interface, std::uint32_t snap_length) {
  Block block(into, interface_description);
  put(into, linktype_ethernet, 2);
  put(into, 0, 2);
  put(into, snap_length, 4);
  put_text(into, if_name, interface.name);
  put_text(into, if_description, interface.description);
  constexpr std::byte resolution{nanosecond_resolution};
  put_option(into, if_tsresol, Bytes(&resolution, 1));
  put_option(into, opt_end, {});
}

void put_packet(Buffer &into, const Packet &packet) {
  Block block(into, enhanced_packet);
  put(into, packet.interface, 4);
  put_time(into, packet.nanoseconds);
  put(into, packet.octets.size(), 4);
  put(into, packet.length, 4);
  into.insert(into.end(), packet.octets.begin(), packet.octets.end());
  pad(into);
  put_text(into, opt_comment, packet.comment);
  Buffer flags;
  put(flags, packet.outbound ? flag_outbound : flag_inbound, 4);
  put_option(into, epb_flags, flags);
  put_option(into, opt_end, {});
}

void put_statistics(Buffer &into, const Statistics &statistics) {
  Block block(into, interface_statistics);
  put(into, statistics.interface, 4);
  put_time(into, statistics.nanoseconds);
  put_text(into, opt_comment, statistics.comment);
  put_option(into, opt_end, {});
}

Reader::Kind Reader::next() {
  for (;;) {
    if (position_ == bytes_.size()) return Kind::end;
    ByteReader reader(bytes_.subspan(position_));
    std::uint32_t type = reader.read_u32_le(), length = reader.read_u32_le();
    if (reader.failed()) return Kind::end; // being written
    if (length < 12 || length % 4 != 0 || length > max_block) return Kind::broken;
    if (length > bytes_.size() - position_) return Kind::end;
    Bytes body = reader.take(length - 12);
    if (reader.read_u32_le() != length) return Kind::broken;
    position_ += length;
    if (type != section_header && !in_section_) return Kind::broken;
    if (Kind kind = read_block(type, body); kind != Kind::end) return kind;
  }
}

/// Kind::end: of no interest.
Reader::Kind Reader::read_block(std::uint32_t type, Bytes body) {
  ByteReader reader(body);
  switch (type) {
  case section_header:
    if (reader.read_u32_le() != byte_order_magic) return Kind::broken; // not ours
    reader.skip(12);
    section_comment = comment_of(reader);
    in_section_ = true;
    return reader.failed() ? Kind::broken : Kind::section;
  case interface_description:
    interface = {};
    if (reader.read_u16_le() != linktype_ethernet) return Kind::broken;
    reader.skip(6);
    read_options(reader, [&](std::uint16_t code, Bytes value) {
      if (code == if_name) interface.name = std::string(as_chars(value));
      if (code == if_description) interface.description = std::string(as_chars(value));
    });
    return reader.failed() ? Kind::broken : Kind::interface;
  case enhanced_packet: {
    packet = {};
    packet.interface = reader.read_u32_le();
    packet.nanoseconds = read_time(reader);
    std::uint32_t kept = reader.read_u32_le();
    packet.length = reader.read_u32_le();
    packet.octets = reader.take(kept);
    reader.skip((4 - kept % 4) % 4);
    if (reader.failed()) return Kind::broken;
    read_options(reader, [&](std::uint16_t code, Bytes value) {
      if (code == opt_comment) packet.comment = std::string(as_chars(value));
      if (code == epb_flags && value.size() == 4)
        packet.outbound = (std::to_integer<unsigned>(value[0]) & 3) == flag_outbound;
    });
    return Kind::packet;
  }
  case interface_statistics:
    statistics = {};
    statistics.interface = reader.read_u32_le();
    statistics.nanoseconds = read_time(reader);
    statistics.comment = comment_of(reader);
    return reader.failed() ? Kind::broken : Kind::statistics;
  default: return Kind::end;
  }
}

} // namespace sekisho::evidence
