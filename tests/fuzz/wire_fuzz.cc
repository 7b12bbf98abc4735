/* Target functions: wire::parse, parse_reassembled, parse_arp, parse_neighbour, parse_quoted,
 * check_transport_checksum, make_too_big.
 */
// What parse permits is what a second, plainer reading finds; what is made of a frame parses again.
#include "base/check.hh"
#include "gateway/wire/arp.hh"
#include "gateway/wire/nd.hh"
#include "gateway/wire/octets.hh"
#include "gateway/wire/quoted.hh"
#include "gateway/wire/transport.hh"

#include <memory>

namespace {

using namespace sekisho;

bool is_in_order(Reason reason) {
  return reason == Reason::none || reason == Reason::ip_multicast || reason == Reason::ip_fragment;
}

/// The IPv6 chain by its definition: next header, length, next header …
void check_chain(Bytes frame, const wire::Headers &headers) {
  std::size_t at = 54;
  std::uint8_t next = wire::u8_at(frame.data(), 20);
  bool is_fragment = false, is_first = true;
  while ((next == 0 || next == 44 || next == 51 || next == 60) && is_first) {
    CHECK(at + 8 <= headers.length);
    std::size_t units = wire::u8_at(frame.data(), at + 1);
    std::size_t size = next == 44 ? 8 : next == 51 ? units * 4 + 8 : units * 8 + 8;
    if (next == 44) {
      is_fragment = true;
      is_first = (wire::u16_at(frame.data(), at + 2) >> 3) == 0;
      CHECK(headers.fragment_start == at + 8);
    }
    next = wire::u8_at(frame.data(), at);
    at += size;
  }
  CHECK(next == headers.protocol && at == headers.transport_offset);
  CHECK(is_fragment == headers.is_fragment);
}

void check_headers(Bytes frame, const wire::Headers &headers, Reason reason) {
  CHECK(headers.length <= frame.size() && headers.transport_offset <= headers.length);
  CHECK(!headers.source_mac.is_group());
  CHECK((reason == Reason::ip_fragment) <= headers.is_fragment);
  if (headers.network == wire::Network::ipv6) {
    check_chain(frame, headers);
    CHECK(!headers.source.is_v4() && (!headers.destination.is_v4()));
  }
  if (headers.is_fragment)
    CHECK(headers.fragment_start < headers.length && headers.fragment_start <= headers.transport_offset);
  bool has_ports = (headers.protocol == 6 || headers.protocol == 17) && headers.fragment_offset == 0;
  if (headers.network != wire::Network::arp && has_ports)
    CHECK(headers.source_port != 0 && headers.destination_port != 0);
}

/// Padding behind a packet changes nothing.
void check_padding(Bytes frame, const wire::Headers &headers, Reason reason) {
  Buffer padded = to_buffer(frame.first(headers.length));
  padded.resize(padded.size() + 5, std::byte{0xa5});
  wire::Headers again;
  CHECK(wire::parse(padded, again) == reason && again.length == headers.length);
}

void read_more(Bytes frame, const wire::Headers &headers, Reason reason) {
  wire::Headers other;
  if (headers.is_fragment) {
    Reason whole = wire::parse_reassembled(frame, headers.length - headers.fragment_start, other);
    CHECK((whole == Reason::none) <= (headers.fragment_offset == 0 && reason == Reason::ip_fragment));
    return;
  }
  (void)wire::check_transport_checksum(frame, headers);
  wire::Neighbour neighbour;
  if (wire::is_neighbour_message(headers) &&
      wire::parse_neighbour(frame, headers, neighbour) == Reason::none)
    CHECK(headers.hop_limit == 255 && neighbour.target.octets[0] != 0xff);
  if (wire::is_icmp_error(headers))
    (void)wire::parse_quoted(headers, frame.first(headers.length).subspan(headers.transport_offset), other);
}

void check_error(Bytes frame, const wire::Headers &headers) {
  wire::TooBig what{{{2, 0, 0x5e, 0, 0, 1}}, Ip::from_v4(0x0a030001), 1280};
  if (headers.network == wire::Network::ipv6) what.from = Ip{{0x20, 1, 0xd, 0xb8, 9, 9}};
  wire::ErrorFrame error;
  std::size_t size = wire::make_too_big(frame, headers, what, error);
  if (size == 0 || headers.source == what.from) return;
  wire::Headers made, quoted;
  Bytes octets = Bytes(error).first(size);
  CHECK(wire::parse(octets, made) == Reason::none && wire::is_icmp_error(made));
  CHECK(wire::check_transport_checksum(octets, made) == Reason::none);
  CHECK(made.destination == headers.source);
  if (wire::parse_quoted(made, octets.subspan(made.transport_offset), quoted))
    CHECK(quoted.source == headers.source && quoted.destination_port == headers.destination_port);
}

} // namespace

/// The input is one frame.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  auto exact = std::make_unique<std::byte[]>(size);
  std::memcpy(exact.get(), data, size);
  Bytes frame{exact.get(), size};
  wire::Headers headers;
  Reason reason = wire::parse(frame, headers);
  if (!is_in_order(reason)) return 0;
  if (headers.network == wire::Network::arp) {
    wire::Arp arp;
    (void)wire::parse_arp(frame.subspan(wire::ethernet_size), arp);
    return 0;
  }
  check_headers(frame, headers, reason);
  check_padding(frame, headers, reason);
  read_more(frame, headers, reason);
  if (reason != Reason::ip_multicast) check_error(frame, headers);
  return 0;
}
