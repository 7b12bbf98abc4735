#include "gateway/wire/arp.hh"

#include "gateway/wire/headers.hh"
#include "gateway/wire/octets.hh"

namespace sekisho::wire {
namespace {

constexpr std::size_t arp_size = 28;
constexpr std::uint16_t ethernet = 1, ipv4 = 0x0800, request = 1, reply = 2;

} // namespace

Reason parse_arp(Bytes message, Arp &arp) {
  const std::byte *octets = message.data();
  if (message.size() < arp_size || u16_at(octets, 0) != ethernet || u16_at(octets, 2) != ipv4 ||
      u8_at(octets, 4) != 6 || u8_at(octets, 5) != 4)
    return Reason::arp_malformed;
  std::uint16_t operation = u16_at(octets, 6);
  if (operation != request && operation != reply) return Reason::arp_malformed;
  arp.is_request = operation == request;
  arp.sender_mac = mac_at(octets, 8);
  arp.sender = ipv4_at(octets, 14);
  arp.target_mac = mac_at(octets, 18);
  arp.target = ipv4_at(octets, 24);
  return Reason::none;
}

std::array<std::byte, arp_frame_size> arp_request(const Mac &sender_mac, const Ip &sender,
                                                  const Ip &target) {
  std::array<std::byte, arp_frame_size> frame{};
  constexpr Mac broadcast{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  put_mac(frame.data(), 0, broadcast);
  put_mac(frame.data(), 6, sender_mac);
  put_u16(frame.data(), 12, 0x0806);
  std::byte *message = frame.data() + ethernet_size;
  put_u16(message, 0, ethernet);
  put_u16(message, 2, ipv4);
  put_u8(message, 4, 6);
  put_u8(message, 5, 4);
  put_u16(message, 6, request);
  put_mac(message, 8, sender_mac);
  std::memcpy(message + 14, &sender.octets[12], 4);
  std::memcpy(message + 24, &target.octets[12], 4);
  return frame;
}

} // namespace sekisho::wire
