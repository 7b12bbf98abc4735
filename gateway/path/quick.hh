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

/// Both MACs and the EtherType, which is that of IPv4.
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

  bool from_opener = burst_.source_is_high[i] == entry.opener_is_high;
  rules::ZoneId in = from_opener ? entry.from : entry.to, out = from_opener ? entry.to : entry.from;
  if (in != quick.zone) return false;
  Neighbours::Index sender = entry.neighbour[from_opener ? 0 : 1];
  Neighbours::Index next = entry.neighbour[from_opener ? 1 : 0];
  if (sender == Neighbours::none || next == Neighbours::none) return false;

  constexpr std::uint64_t mac_bits = 0xffffffffffff;
  port::Frame &frame = burst_.frames[i];
  const Neighbour &from = quick.neighbours[sender], &to = quick.neighbours[next];
  auto to_mac = raw_at<std::uint64_t>(frame.data, 0) & mac_bits;
  auto from_mac = raw_at<std::uint64_t>(frame.data, 6) & mac_bits;
  if (to_mac != quick.own_mac && !quick.is_lenient) return false;
  if (from_mac != number_of(from.mac) && from.pinned) return false;
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
  flow::TcpEnd &mine = entry.tcp[from_opener ? 0 : 1], &theirs = entry.tcp[from_opener ? 1 : 0];
  std::uint32_t sequence = wire::u32_at(frame.data, at::tcp_sequence);
  std::uint32_t acknowledgement = wire::u32_at(frame.data, at::tcp_acknowledgement);
  std::uint32_t header = (wire::u8_at(frame.data, at::tcp_offset) >> 4) * 4u;
  std::uint32_t end = sequence + length - header - (wire::ethernet_size + 20);
  unsigned fits = is_ack & flow::is_in_window(mine, theirs, sequence, end, acknowledgement);
  if (opaque((is_tcp & fits) | is_other) == 0) return false;
  flow::note_segment(mine, theirs, end, acknowledgement, wire::u16_at(frame.data, at::tcp_window));
  bool is_answer = !from_opener & (entry.state == flow::State::one_way);
  entry.state = is_answer ? flow::State::two_way : entry.state;
  entry.last_seen = quick.seconds;
  entry.volume.add(length);

  put_macs(frame.data, number_of(to.mac), exit.mac);
  count_hop(frame.data);
  if (frame.length != length) pool_.set_length(frame, length); // no padding goes on
  burst_.fates[i] = {rules::Verdict::pass, Reason::none, out, Side::port, entry.rule_id()};
  burst_.places[i] = static_cast<std::uint8_t>(2 * out);
  return true;
}

} // namespace sekisho::path
