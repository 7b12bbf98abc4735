// The quick way: a plain packet of a flow that is known, permitted by the present rules and in an ordinary
// state.  Whatever is out of the ordinary gets the closer look; nothing is refused here.  Part of path.cc, in
// a file of its own: across a call the loop over a burst would cost a fifth more.
#pragma once

#include "gateway/path/path.hh"

#include "gateway/path/plain.hh"

namespace sekisho::path {

/// A MAC as a number of 48 bits.
inline std::uint64_t number_of(const Mac &mac) {
  std::uint32_t front;
  std::uint16_t back;
  std::memcpy(&front, mac.octets.data(), 4);
  std::memcpy(&back, mac.octets.data() + 4, 2);
  return front | std::uint64_t{back} << 32;
}

/// The same of a neighbour, with two octets more, in one load.
inline std::uint64_t mac_word(const Neighbour &neighbour) {
  static_assert(offsetof(Neighbour, mac) + sizeof(std::uint64_t) <= sizeof(Neighbour));
  return raw_at<std::uint64_t>(reinterpret_cast<const std::byte *>(&neighbour),
                               offsetof(Neighbour, mac));
}
/// Of numbers that may have two octets more.
inline bool is_same_mac(std::uint64_t one, std::uint64_t other) { return (one ^ other) << 16 == 0; }

/// What every packet of a burst is asked against: read once, so that the compiler need not fear that a packet
/// changes it.
struct Path::Quick {
  flow::Entry *entries;
  const Neighbour *neighbours;
  const Exit *exits;
  std::uint64_t own_mac; // of the zone's port
  std::uint32_t seconds;
  std::uint16_t generation;
  rules::ZoneId zone;
  bool is_lenient, is_replay;
};

inline Path::Quick Path::quick() const {
  return {flows_.entries(), neighbours_.entries(), exits_.data(), number_of(mac_of(burst_.zone)),
          burst_.seconds,   generation_,           burst_.zone,   is_lenient(),
          options_.replay};
}

/// RFC 791 §3.2: the TTL is one less, and the checksum, two octets on, follows (RFC 1624 §3).  In memory order
/// the carry out of its high octet lies in the low one, as it should.
inline void count_hop(std::byte *frame) {
  auto ttl_to_checksum = raw_at<std::uint32_t>(frame, at::ttl);
  std::uint32_t checksum = (ttl_to_checksum >> 16) + 1;
  checksum += checksum >= 0xffff;
  std::uint32_t changed = ((ttl_to_checksum - 1) & 0xffff) | checksum << 16;
  std::memcpy(frame + at::ttl, &changed, sizeof changed);
}

/// Both MACs and the EtherType, which is that of IPv4.  `destination` may have two octets more.
inline void put_macs(std::byte *frame, std::uint64_t destination, std::uint64_t source) {
  source |= std::uint64_t{0x0008} << 48;
  std::memcpy(frame, &destination, sizeof destination);
  std::memcpy(frame + 6, &source, sizeof source);
}

inline void Path::leave(std::size_t i, Fate fate) {
  burst_.fates[i] = fate;
  ++burst_.verdicts[static_cast<std::size_t>(fate.verdict)];
  auto place = static_cast<std::uint8_t>(2 * fate.out + (fate.out_side == Side::kernel));
  burst_.places[i] = place;
  busy_doors_ |= 1u << place;
}

[[gnu::always_inline]] inline bool Path::judge_quickly(std::size_t i, const Quick &quick) {
  flow::Table::Index candidate = burst_.candidates[i];
  if (candidate == flow::Table::none) return false;
  flow::Entry &entry = quick.entries[candidate];
  if (entry.key != burst_.keys[i] || entry.generation != quick.generation) return false;
  if (entry.dead || entry.relayed || entry.metered || entry.volume.is_full()) return false;
  if (quick.seconds - entry.last_seen > flow::timeout_of(entry.state)) return false;

  unsigned mine = burst_.source_is_high[i] ^ entry.opener_is_high, theirs = mine ^ 1; // 0: the opener
  std::uint8_t zones = entry.zones();
  if ((zones >> (4 * mine) & 0xf) != quick.zone) return false;
  auto out = static_cast<rules::ZoneId>(zones >> (4 * theirs) & 0xf);
  Neighbours::Index sender = entry.neighbour[mine], next = entry.neighbour[theirs];
  if (sender == Neighbours::none || next == Neighbours::none) return false;

  port::Frame &frame = burst_.frames[i];
  const Neighbour &from = quick.neighbours[sender], &to = quick.neighbours[next];
  if (!is_same_mac(raw_at<std::uint64_t>(frame.data, 0), quick.own_mac) && !quick.is_lenient) return false;
  if (!is_same_mac(raw_at<std::uint64_t>(frame.data, 6), mac_word(from)) && from.pinned) return false;
  if (!to.pinned && !quick.is_replay && !Neighbours::is_fresh(to, quick.seconds)) return false;
  const Exit &exit = quick.exits[out];
  std::uint32_t length = burst_.lengths[i];
  if (length > exit.largest) return false;

  // TCP or UDP is as good as random from one packet to the next: both are computed, one is taken.  The ends
  // of a UDP flow are nobody's.
  unsigned is_tcp = entry.state == flow::State::established;
  unsigned is_other = entry.state >= flow::State::one_way;
  constexpr std::uint8_t of_interest =
      wire::tcp_flag::ack | wire::tcp_flag::syn | wire::tcp_flag::rst | wire::tcp_flag::fin;
  bool is_ack = (wire::u8_at(frame.data, at::tcp_flags) & of_interest) == wire::tcp_flag::ack;
  flow::TcpEnd &sent = entry.tcp[mine], &permitted = entry.tcp[theirs];
  std::uint32_t sequence = wire::u32_at(frame.data, at::tcp_sequence);
  std::uint32_t acknowledgement = wire::u32_at(frame.data, at::tcp_acknowledgement);
  std::uint32_t header = (wire::u8_at(frame.data, at::tcp_offset) >> 4) * 4u;
  auto end = static_cast<std::uint32_t>(sequence + length - header - (wire::ethernet_size + 20));
  unsigned fits = is_ack & flow::is_in_window(sent, permitted, end, acknowledgement);
  if (opaque((is_tcp & fits) | is_other) == 0) return false;
  flow::note_segment(sent, permitted, end, acknowledgement, wire::u16_at(frame.data, at::tcp_window));
  if (entry.state == flow::State::one_way && mine == 1) entry.state = flow::State::two_way;
  entry.last_seen = quick.seconds;
  entry.volume.add(length);

  put_macs(frame.data, mac_word(to), exit.mac);
  count_hop(frame.data);
  if (frame.length != length) pool_.set_length(frame, length); // no padding goes on
  burst_.fates[i] = {rules::Verdict::pass, Reason::none, out, Side::port, entry.rule_id()};
  burst_.places[i] = static_cast<std::uint8_t>(2 * out);
  return true;
}

} // namespace sekisho::path
