// What the path knows of a frame after one look: values, copied out, nothing borrowed.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"
#include "base/reason.hh"

namespace sekisho::wire {

enum class Network : std::uint8_t { arp, ipv4, ipv6 };

namespace tcp_flag { // RFC 9293 §3.1
constexpr std::uint8_t fin = 1, syn = 2, rst = 4, psh = 8, ack = 16, urg = 32;
}

constexpr std::size_t ethernet_size = 14; // octets, without VLAN tag and FCS

struct Headers {
  Mac destination_mac, source_mac;
  Network network = Network::arp;
  std::uint8_t protocol = 0;
  std::uint8_t hop_limit = 0; // TTL
  std::uint8_t tcp_flags = 0;
  Ip source, destination;
  std::uint16_t source_port = 0, destination_port = 0; // TCP and UDP
  std::uint8_t icmp_type = 0, icmp_code = 0;
  std::uint16_t icmp_id = 0; // echo only
  std::uint32_t tcp_sequence = 0, tcp_acknowledgement = 0;
  std::uint16_t tcp_window = 0;       // as in the header
  std::uint8_t tcp_scale = 0xff;      // SYN: the window scale option (RFC 7323 §2), else 0xff
  std::uint16_t tcp_length = 0;       // octets of data
  std::uint16_t transport_offset = 0; // from the start of the frame, behind any extension headers
  std::uint32_t length = 0;           // of the frame, without Ethernet padding

  bool dont_fragment = false; // IPv4's flag, always so in IPv6: too big comes back as an error
  bool is_fragment = false;   // then the next four
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0; // octets, of the fragment's data in the datagram's
  std::uint16_t fragment_start = 0;  // its data in the frame: from here to `length`
  std::uint32_t fragment_id = 0; // 16 bits in IPv4
};

/// Reads all headers of one frame without FCS, strictly.  Errors by Reason; `headers` then holds
/// what was read before it, for the record.  RFC 826 messages are only marked as such: see arp.hh.
///
/// Two Reasons say nothing against the packet, and everything is read and in order:
///   ip_multicast  a group or broadcast destination, for who has rules about such (and see nd.hh)
///   ip_fragment   one fragment; the first one's transport header is whole and read, too
Reason parse(Bytes frame, Headers &headers);

/// A whole datagram from its first fragment's frame, all of `data_length` octets having come in
/// fragments: as parse, and now lengths that speak of the whole are compared.  Reason::none when it
/// is as good as unfragmented.
Reason parse_reassembled(Bytes first_frame, std::size_t data_length, Headers &headers);

} // namespace sekisho::wire
