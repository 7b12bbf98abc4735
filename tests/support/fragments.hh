// Fragments and extension headers for tests: a datagram cut where the test says.
#pragma once

#include "tests/support/packets.hh"

namespace sekisho::test {

inline Buffer join(std::initializer_list<Bytes> pieces) {
  Buffer all;
  for (Bytes piece : pieces) all.insert(all.end(), piece.begin(), piece.end());
  return all;
}
inline Buffer octets(std::initializer_list<unsigned> values) {
  Buffer all;
  for (unsigned value : values) all.push_back(static_cast<std::byte>(value));
  return all;
}

/// Puts `payload` behind the IPv6 header of `packet`, the first next-header value being `next`.
inline Buffer ipv6_frame(const PacketBuilder &packet, std::uint8_t next, Bytes payload) {
  PacketBuilder empty = packet;
  empty.protocol = next;
  empty.data = {};
  Buffer frame = empty.ipv6();
  frame.resize(54);
  set_u16(frame, 18, static_cast<unsigned>(payload.size()));
  frame.insert(frame.end(), payload.begin(), payload.end());
  return frame;
}

/// One fragment of the datagram whose data are `message`: octets [from, to) of it.
struct Cut {
  std::size_t from = 0, to = 0;
  bool more = true;
  std::uint32_t id = 0x1234;
};

inline Buffer fragment4(const PacketBuilder &packet, Bytes message, const Cut &cut) {
  Buffer frame = packet.ipv4();
  frame.resize(34);
  Bytes data = message.subspan(cut.from, cut.to - cut.from);
  frame.insert(frame.end(), data.begin(), data.end());
  set_u16(frame, 16, static_cast<unsigned>(20 + data.size()));
  set_u16(frame, 18, cut.id & 0xffff);
  set_u16(frame, 20, static_cast<unsigned>(cut.from / 8) | (cut.more ? 0x2000u : 0u));
  PacketBuilder::seal(frame);
  return frame;
}

inline Buffer fragment_header(std::uint8_t next, const Cut &cut) {
  ByteWriter out;
  out.put_u8(next);
  out.put_u8(0);
  out.put_u16(static_cast<std::uint16_t>((cut.from & 0xfff8) | (cut.more ? 1 : 0)));
  out.put_u32(cut.id);
  return out.take();
}
inline Buffer fragment6(const PacketBuilder &packet, Bytes message, const Cut &cut) {
  Bytes data = message.subspan(cut.from, cut.to - cut.from);
  return ipv6_frame(packet, 44, join({fragment_header(packet.protocol, cut), data}));
}

} // namespace sekisho::test
