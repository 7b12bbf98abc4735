#include "gateway/path/plain.hh"

namespace sekisho::path {
namespace {

/// Whether three words of a frame, from octets 12, 20 and 28, hold an IPv4 header (14 to 33) that sums to
/// 0xffff.  Sums of wider words are congruent (RFC 1071 §2(B), (C)), so they are folded at the end.
bool has_right_sum(std::uint64_t at12, std::uint64_t at20, std::uint64_t at28) {
  std::uint64_t sum = (at12 >> 16) + (at20 & 0xffffffff) + (at20 >> 32) + (at28 & 0xffffffffffff);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return sum == 0xffff;
}

/// RFC 791 §3.2: the TTL is one less, and the checksum, two octets on, follows (RFC 1624 §3).  In memory order
/// the carry out of its high octet lies in the low one, as it should.
std::uint32_t after_hop(std::uint32_t ttl_to_checksum) {
  std::uint32_t checksum = (ttl_to_checksum >> 16) + 1;
  checksum += checksum >= 0xffff;
  return ((ttl_to_checksum - 1) & 0xffff) | checksum << 16;
}

/// The rows that are of the transport header, which begins `later` than IPv4's.  `length`: of it and its data; `header`: TCP's
/// own, of UDP whatever.
void read_transport(const std::byte *octets, std::size_t later, std::uint32_t length, std::uint32_t header, std::size_t i,
                    PlainRows &rows) {
  rows.ends[i] = wire::u32_at(octets, in_frame::tcp_sequence + later) + length - header;
  rows.acknowledgements[i] = wire::u32_at(octets, in_frame::tcp_acknowledgement + later);
  rows.windows[i] = wire::u16_at(octets, in_frame::tcp_window + later);
  constexpr std::uint8_t of_interest =
      wire::tcp_flag::ack | wire::tcp_flag::syn | wire::tcp_flag::rst | wire::tcp_flag::fin;
  rows.is_mere_ack[i] = (wire::u8_at(octets, in_frame::tcp_flags + later) & of_interest) == wire::tcp_flag::ack;
}

void read_macs(const std::byte *octets, std::size_t i, PlainRows &rows) {
  rows.source_mac_front[i] = raw_at<std::uint32_t>(octets, in_frame::source_mac);
  rows.source_mac_back[i] = raw_at<std::uint16_t>(octets, in_frame::source_mac + 4);
}

bool has_group_mac(const std::byte *octets) { return ((wire::u8_at(octets, 0) | wire::u8_at(octets, in_frame::source_mac)) & 1) != 0; }

bool is_addressed(const std::byte *octets, std::uint64_t own_mac) {
  return (raw_at<std::uint64_t>(octets, 0) ^ own_mac) << 16 == 0;
}

/// True and the rows of packet `i` set when it is a plain one.  What hardly ever fails is a branch; TCP or UDP,
/// as good as random from one packet to the next, is none.
bool read_one(const port::Frame &frame, std::size_t i, PlainRows &rows) {
  constexpr std::uint32_t ipv4_without_options = 0x00450008; // EtherType, version, header length
  if (frame.length < least_plain || frame.vlan_stripped) return false;
  const std::byte *octets = frame.data;
  auto at12 = raw_at<std::uint64_t>(octets, 12), at20 = raw_at<std::uint64_t>(octets, 20),
       at28 = raw_at<std::uint64_t>(octets, 28);
  std::uint32_t total = __builtin_bswap16(static_cast<std::uint16_t>(at12 >> 32));
  if ((at12 & 0x00ffffff) != ipv4_without_options) return false;
  if (total + wire::ethernet_size > frame.length) return false;
  if ((at20 & 0xff3f) != 0) return false; // a fragment
  if ((at20 >> 16 & 0xff) <= 1) return false; // TTL
  if (!has_right_sum(at12, at20, at28)) return false;
  if (has_group_mac(octets)) return false;

  auto protocol = static_cast<std::uint8_t>(at20 >> 24);
  std::uint32_t header = (wire::u8_at(octets, in_frame::tcp_offset) >> 4) * 4u;
  unsigned is_tcp = (protocol == 6) & (header >= 20) & (20 + header <= total);
  unsigned is_udp = (protocol == 17) & (wire::u16_at(octets, in_frame::udp_length) + 20u == total) & (total >= 28);
  if (opaque(is_tcp | is_udp) == 0) return false;

  rows.keys[i] = flow::make_key4(static_cast<std::uint32_t>(at20 >> 48 | at28 << 16),
                                 static_cast<std::uint32_t>(at28 >> 16),
                                 raw_at<std::uint32_t>(octets, in_frame::source_port), protocol,
                                 rows.source_is_high[i]);
  rows.lengths[i] = total + static_cast<std::uint32_t>(wire::ethernet_size);
  rows.heads[i] = static_cast<std::uint32_t>(at12);
  rows.hops[i] = after_hop(raw_at<std::uint32_t>(octets, in_frame::ttl));
  read_macs(octets, i, rows);
  read_transport(octets, 0, total - 20, header, i, rows);
  return true;
}

} // namespace

void read_plain(std::span<const port::Frame> frames, std::uint64_t own_mac, PlainRows &rows) {
  constexpr std::size_t ahead = 4;
  rows.plain = rows.addressed = rows.ipv6 = rows.padded = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (i + ahead < frames.size()) __builtin_prefetch(frames[i + ahead].data);
    if (!read_one(frames[i], i, rows)) continue;
    std::uint64_t bit = std::uint64_t{1} << i;
    rows.plain |= bit;
    if (is_addressed(frames[i].data, own_mac)) rows.addressed |= bit;
    if (frames[i].length != rows.lengths[i]) rows.padded |= bit;
  }
}

/// As read_one() and RFC 8200 §3.
bool read_plain6(const port::Frame &frame, std::uint64_t own_mac, const flow::Hasher &hasher, std::size_t i,
                 PlainRows &rows) {
  if (frame.length < least_plain6 || frame.vlan_stripped) return false;
  const std::byte *octets = frame.data;
  auto head = raw_at<std::uint32_t>(octets, 12), at18 = raw_at<std::uint32_t>(octets, in_frame6::length);
  if ((head & 0xf0ffff) != 0x60dd86) return false; // EtherType, version
  std::uint32_t length = __builtin_bswap16(static_cast<std::uint16_t>(at18));
  if (length + in_frame6::transport > frame.length) return false;
  if (at18 >> 24 <= 1) return false; // hop limit
  if (has_group_mac(octets)) return false;
  auto protocol = static_cast<std::uint8_t>(at18 >> 16);
  std::uint32_t header = (wire::u8_at(octets, in_frame::tcp_offset + in_frame6::later) >> 4) * 4u;
  unsigned is_tcp = (protocol == 6) & (header >= 20) & (header <= length);
  unsigned is_udp = (protocol == 17) & (wire::u16_at(octets, in_frame::udp_length + in_frame6::later) == length) & (length >= 8);
  if (opaque(is_tcp | is_udp) == 0) return false;

  rows.keys[i] = hasher.key6_of(wire::ipv6_at(octets, in_frame6::source), wire::ipv6_at(octets, in_frame6::destination),
                                raw_at<std::uint32_t>(octets, in_frame6::transport), protocol, rows.source_is_high[i]);
  rows.lengths[i] = length + static_cast<std::uint32_t>(in_frame6::transport);
  rows.heads[i] = head;
  rows.hops[i] = at18 - (1u << 24);
  read_macs(octets, i, rows);
  read_transport(octets, in_frame6::later, length, header, i, rows);
  std::uint64_t bit = std::uint64_t{1} << i;
  rows.plain |= bit;
  rows.ipv6 |= bit;
  if (is_addressed(octets, own_mac)) rows.addressed |= bit;
  if (frame.length != rows.lengths[i]) rows.padded |= bit;
  return true;
}

} // namespace sekisho::path
