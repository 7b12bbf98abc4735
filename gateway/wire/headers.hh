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
  std::uint8_t hop_limit = 0;           // TTL
  std::uint8_t tcp_flags = 0;
  Ip source, destination;
  std::uint16_t source_port = 0, destination_port = 0; // TCP and UDP
  std::uint8_t icmp_type = 0, icmp_code = 0;
  std::uint16_t icmp_id = 0;            // echo only
  std::uint32_t tcp_sequence = 0, tcp_acknowledgement = 0;
  std::uint16_t transport_offset = 0;   // from the start of the frame
  std::uint32_t length = 0;             // of the frame, without Ethernet padding
};

/// Reads all headers of one frame without FCS, strictly.  Errors by Reason; `headers` then holds what was
/// read before it, for the record.  RFC 826 messages are only marked as such: see arp.hh.
Reason parse(Bytes frame, Headers &headers);

} // namespace sekisho::wire
