#include "bench/packet/frame.hh"

#include "gateway/wire/checksum.hh"

#include <algorithm>

namespace sekisho::bench {
namespace {

constexpr std::size_t ethernet = 14, ipv4 = 20, ipv6 = 40, tcp_size = 20, udp_size = 8;
constexpr std::uint8_t hop_limit = 64;

void put_u32(std::byte *at, std::size_t offset, std::uint32_t value) {
  wire::put_u16(at, offset, static_cast<std::uint16_t>(value >> 16));
  wire::put_u16(at, offset + 2, static_cast<std::uint16_t>(value));
}

/// The IP header; returns its size.
std::size_t put_ip(std::byte *at, const FrameSpec &spec, std::size_t payload) {
  if (spec.source.is_v4()) {
    wire::put_u8(at, 0, 0x45);
    wire::put_u16(at, 2, static_cast<std::uint16_t>(ipv4 + payload));
    wire::put_u8(at, 8, hop_limit);
    wire::put_u8(at, 9, spec.protocol);
    std::memcpy(at + 12, &spec.source.octets[12], 4);
    std::memcpy(at + 16, &spec.destination.octets[12], 4);
    wire::put_u16(at, 10, static_cast<std::uint16_t>(~wire::internet_sum({at, ipv4})));
    return ipv4;
  }
  wire::put_u8(at, 0, 0x60);
  wire::put_u16(at, 4, static_cast<std::uint16_t>(payload));
  wire::put_u8(at, 6, spec.protocol);
  wire::put_u8(at, 7, hop_limit);
  std::memcpy(at + 8, spec.source.octets.data(), 16);
  std::memcpy(at + 24, spec.destination.octets.data(), 16);
  return ipv6;
}

/// RFC 9293 §3.1, RFC 768: over the addresses, the protocol, the length and what follows.
std::uint16_t transport_checksum(const FrameSpec &spec, Bytes transport) {
  std::size_t address = spec.source.is_v4() ? 4 : 16;
  Octets summed(2 * address + 8);
  std::memcpy(summed.data(), spec.source.octets.data() + 16 - address, address);
  std::memcpy(summed.data() + address, spec.destination.octets.data() + 16 - address, address);
  put_u32(summed.data(), 2 * address, static_cast<std::uint32_t>(transport.size()));
  put_u32(summed.data(), 2 * address + 4, spec.protocol);
  summed.insert(summed.end(), transport.begin(), transport.end());
  auto sum = static_cast<std::uint16_t>(~wire::internet_sum(summed));
  return sum == 0 && spec.protocol == protocol::udp ? 0xffff : sum;
}

} // namespace

Octets make_frame(const FrameSpec &spec) {
  Octets frame(spec.size);
  std::byte *at = frame.data();
  wire::put_mac(at, 0, spec.destination_mac);
  wire::put_mac(at, 6, spec.source_mac);
  wire::put_u16(at, 12, spec.source.is_v4() ? 0x0800 : 0x86dd);
  bool is_tcp = spec.protocol == protocol::tcp;
  std::size_t headers = (spec.source.is_v4() ? ipv4 : ipv6) + (is_tcp ? tcp_size : udp_size);
  std::size_t length = spec.is_padded ? headers : spec.size - ethernet;
  std::size_t network = spec.source.is_v4() ? ipv4 : ipv6;
  put_ip(at + ethernet, spec, length - network);

  std::byte *transport = at + ethernet + network;
  std::size_t size = length - network;
  wire::put_u16(transport, 0, spec.source_port);
  wire::put_u16(transport, 2, spec.destination_port);
  if (is_tcp) {
    put_u32(transport, 4, spec.sequence);
    if (spec.tcp_flags & flag::ack) put_u32(transport, 8, spec.acknowledgement);
    wire::put_u8(transport, 12, 5 << 4);
    wire::put_u8(transport, 13, spec.tcp_flags);
    wire::put_u16(transport, 14, 0xffff);
  } else {
    wire::put_u16(transport, 4, static_cast<std::uint16_t>(size));
  }
  if (length == headers || spec.size < 64) {
  } else if (length - headers >= 4) {
    std::size_t end = size & ~std::size_t{1};
    wire::put_u16(transport, end - 4, static_cast<std::uint16_t>(~spec.source_port));
    wire::put_u16(transport, end - 2, static_cast<std::uint16_t>(~spec.destination_port));
  }
  wire::put_u16(transport, is_tcp ? 16 : 6, transport_checksum(spec, {transport, size}));
  return frame;
}

void set_source_port(std::byte *frame, std::uint16_t port) {
  bool is_tcp = wire::u8_at(frame, 23) == protocol::tcp;
  std::size_t checksum_at = is_tcp ? 50 : 40;
  std::uint16_t checksum = wire::updated_checksum(wire::u16_at(frame, checksum_at),
                                                  wire::u16_at(frame, source_port_at), port);
  wire::put_u16(frame, checksum_at, checksum);
  wire::put_u16(frame, source_port_at, port);
}

std::vector<Octets> fragments_of(const Octets &frame, std::uint16_t identification) {
  constexpr std::uint16_t more = 0x2000;
  std::size_t payload = frame.size() - ethernet - ipv4;
  std::size_t first = (payload / 2 + 7) / 8 * 8;
  auto piece = [&](std::size_t from, std::size_t count, std::uint16_t offset) {
    Octets octets(std::max<std::size_t>(ethernet + ipv4 + count, 60));
    std::memcpy(octets.data(), frame.data(), ethernet + ipv4);
    std::memcpy(octets.data() + ethernet + ipv4, frame.data() + ethernet + ipv4 + from, count);
    std::byte *ip = octets.data() + ethernet;
    wire::put_u16(ip, 2, static_cast<std::uint16_t>(ipv4 + count));
    wire::put_u16(ip, 4, identification);
    wire::put_u16(ip, 6, offset);
    wire::put_u16(ip, 10, 0);
    wire::put_u16(ip, 10, static_cast<std::uint16_t>(~wire::internet_sum({ip, ipv4})));
    return octets;
  };
  return {piece(0, first, more),
          piece(first, payload - first, static_cast<std::uint16_t>(first / 8))};
}

} // namespace sekisho::bench
