// Frames for tests, built field by field; every right thing can be made wrong afterwards.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"
#include "gateway/wire/checksum.hh"
#include "gateway/wire/headers.hh"

#include <string_view>

namespace sekisho::test {

inline Mac mac(std::string_view text) { return parse_mac(text).value(); }
inline Ip ip(std::string_view text) { return parse_ip(text).value(); }

inline void set_u8(Buffer &frame, std::size_t at, unsigned value) {
  frame.at(at) = static_cast<std::byte>(value);
}
inline void set_u16(Buffer &frame, std::size_t at, unsigned value) {
  set_u8(frame, at, value >> 8 & 0xff);
  set_u8(frame, at + 1, value & 0xff);
}

struct PacketBuilder {
  Mac to_mac = mac("02:00:5e:00:00:01");
  Mac from_mac = mac("02:00:5e:10:00:01");
  Ip from = ip("10.1.0.11"), to = ip("10.2.0.40");
  std::uint8_t protocol = 6, ttl = 64;
  std::uint16_t from_port = 40000, to_port = 443;
  std::uint8_t flags = wire::tcp_flag::syn;
  std::uint32_t sequence = 1000, acknowledgement = 0;
  std::uint8_t icmp_type = 8;
  std::uint16_t icmp_id = 77;
  std::string_view data = "";

  Buffer ethernet(std::uint16_t ethertype) const {
    ByteWriter out;
    out.put_bytes(std::as_bytes(std::span(to_mac.octets)));
    out.put_bytes(std::as_bytes(std::span(from_mac.octets)));
    out.put_u16(ethertype);
    return out.take();
  }

  Buffer transport() const {
    ByteWriter out;
    if (protocol == 6) {
      out.put_u16(from_port);
      out.put_u16(to_port);
      out.put_u32(sequence);
      out.put_u32(acknowledgement);
      out.put_u8(5 << 4);
      out.put_u8(flags);
      out.put_u16(65535);
      out.put_u32(0); // checksum and urgent pointer: nobody looks
    } else if (protocol == 17) {
      out.put_u16(from_port);
      out.put_u16(to_port);
      out.put_u16(static_cast<std::uint16_t>(8 + data.size()));
      out.put_u16(0);
    } else if (protocol == 1 || protocol == 58) {
      out.put_u8(icmp_type);
      out.put_u8(0);
      out.put_u16(0);
      out.put_u16(icmp_id);
      out.put_u16(1);
    }
    out.put_bytes(as_bytes(data));
    return out.take();
  }

  Buffer ipv4() const {
    Buffer rest = transport();
    ByteWriter out;
    out.put_bytes(ethernet(0x0800));
    out.put_u8(0x45);
    out.put_u8(0);
    out.put_u16(static_cast<std::uint16_t>(20 + rest.size()));
    out.put_u32(0x00004000); // identification, don't fragment
    out.put_u8(ttl);
    out.put_u8(protocol);
    out.put_u16(0);
    out.put_bytes(std::as_bytes(std::span(from.octets).subspan(12)));
    out.put_bytes(std::as_bytes(std::span(to.octets).subspan(12)));
    out.put_bytes(rest);
    Buffer frame = out.take();
    seal(frame);
    return frame;
  }

  Buffer ipv6() const {
    Buffer rest = transport();
    ByteWriter out;
    out.put_bytes(ethernet(0x86dd));
    out.put_u32(0x60000000);
    out.put_u16(static_cast<std::uint16_t>(rest.size()));
    out.put_u8(protocol);
    out.put_u8(ttl);
    out.put_bytes(std::as_bytes(std::span(from.octets)));
    out.put_bytes(std::as_bytes(std::span(to.octets)));
    out.put_bytes(rest);
    return out.take();
  }

  /// An ARP message of `from` about `to`; operation 1 asks, 2 answers.
  Buffer arp(std::uint16_t operation) const {
    ByteWriter out;
    out.put_bytes(ethernet(0x0806));
    out.put_u32(0x00010800);
    out.put_u16(0x0604);
    out.put_u16(operation);
    out.put_bytes(std::as_bytes(std::span(from_mac.octets)));
    out.put_bytes(std::as_bytes(std::span(from.octets).subspan(12)));
    out.put_bytes(Bytes(Buffer(6)));
    out.put_bytes(std::as_bytes(std::span(to.octets).subspan(12)));
    return out.take();
  }

  /// Writes the right IPv4 header checksum for whatever is in the header now.
  static void seal(Buffer &frame) {
    set_u16(frame, 24, 0);
    std::size_t length = (std::to_integer<unsigned>(frame[14]) & 15) * 4;
    std::uint16_t sum = wire::internet_sum(
        Bytes(frame).subspan(14, std::min(length, frame.size() - 14)));
    set_u16(frame, 24, static_cast<std::uint16_t>(~sum));
  }
};

} // namespace sekisho::test
