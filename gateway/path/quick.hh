// The quick way's last stage: a packet that passed the screen (screen.hh) moves its flow's state and gets its new
// header, sixteen of as many flows at a time where the processor can (quick_avx512.cc).  Part of path.cc, in a file of its own: across a call the loop over a burst would cost a fifth more.
#pragma once

#include "gateway/path/path.hh"

namespace sekisho::path {

inline Surroundings Path::surroundings() const {
  return {flows_.entries(), neighbours_.entries(), exits_,       burst_.seconds,
          generation_,      burst_.zone,           is_lenient(), options_.replay};
}

inline void Path::leave(std::size_t i, Fate fate) {
  burst_.fates[i] = fate;
  ++burst_.verdicts[static_cast<std::size_t>(fate.verdict)];
  auto place = static_cast<std::uint8_t>(2 * fate.out + (fate.out_side == Side::kernel));
  burst_.places[i] = place;
  busy_doors_ |= 1u << place;
}

/// Of an IPv6 packet that passed the screen.
inline bool Path::has_ends_of_flow(std::size_t i) const {
  const flow::Ends &ends = flows_.aside(flows_.entries()[burst_.candidates[i]]).ends;
  const std::byte *octets = burst_.frames[i].data;
  std::array<Ip, 2> addresses{wire::ipv6_at(octets, in_frame6::source), wire::ipv6_at(octets, in_frame6::destination)};
  std::array<std::uint16_t, 2> ports{wire::u16_at(octets, in_frame6::transport), wire::u16_at(octets, in_frame6::transport + 2)};
  unsigned mine = burst_.is_answerer[i], theirs = mine ^ 1;
  return addresses[mine] == ends.source && addresses[theirs] == ends.destination && ports[mine] == ends.source_port &&
         ports[theirs] == ends.destination_port && wire::u8_at(octets, in_frame6::length + 2) == ends.protocol;
}

/// The state of a screened packet's flow moves, and the frame gets its new header.  False, and nothing changed, when it needs
/// a closer look.  It may: an earlier packet of the burst may have ended its flow or moved its state.
[[gnu::always_inline]] inline bool pass_one(flow::Entry &entry, std::uint32_t seconds, std::size_t i, const PlainRows &rows,
                                            const ScreenRows &found, std::byte *frame) {
  if (entry.dead || entry.volume.is_full()) return false;

  // TCP or UDP is as good as random from one packet to the next: both are computed, one is taken.  The ends
  // of a UDP flow are nobody's.
  unsigned mine = found.is_answerer[i], theirs = mine ^ 1;
  unsigned is_tcp = entry.state == flow::State::established;
  unsigned is_other = entry.state >= flow::State::one_way;
  flow::TcpEnd &sent = entry.tcp[mine], &permitted = entry.tcp[theirs];
  std::uint32_t end = rows.ends[i], acknowledgement = rows.acknowledgements[i];
  unsigned is_mere_ack = rows.is_mere_ack[i], fits = flow::is_in_window(sent, permitted, end, acknowledgement);
  if (opaque((is_tcp & is_mere_ack & fits) | is_other) == 0) return false;
  flow::note_segment(sent, permitted, end, acknowledgement, static_cast<std::uint16_t>(rows.windows[i]));
  if (entry.state == flow::State::one_way && mine == 1) entry.state = flow::State::two_way;
  entry.last_seen = seconds;
  entry.volume.add(rows.lengths[i]);

  std::memcpy(frame, &found.fronts[i], sizeof found.fronts[i]);
  std::size_t hop_at = in_frame::ttl - rows.is_ipv6(i) * (in_frame::ttl - in_frame6::length);
  std::memcpy(frame + hop_at, &rows.hops[i], sizeof rows.hops[i]);
  return true;
}

/// No padding goes on.
inline void Path::cut_padding(std::size_t i) { pool_.set_length(burst_.frames[i], burst_.lengths[i]); }

[[gnu::always_inline]] inline bool Path::pass_quickly(std::size_t i, flow::Entry *entries, std::uint32_t seconds) {
  if (!pass_one(entries[burst_.candidates[i]], seconds, i, burst_, burst_, burst_.frames[i].data)) return false;
  if (burst_.padded >> i & 1) cut_padding(i);
  return true;
}

/// Those of the next sixteen packets that may pass at once.  What comes behind one that is to be judged may be of the same
/// flow, and waits.
inline Passed Path::pass_together(std::size_t base, std::uint64_t quick, flow::Entry *entries, std::uint32_t seconds) {
  constexpr int worthwhile = 6;
  const int run = std::countr_one((quick & ~burst_.ipv6) >> base);
  if (!stages_.pass || run < worthwhile) return {};
  const std::uint32_t which = 0xffffu >> (together - std::min<std::size_t>(static_cast<std::size_t>(run), together));
  Passed passed = stages_.pass(entries, seconds, which, base, burst_, burst_.candidates.data(), burst_, burst_.frames.data());
  for (std::uint64_t padded = std::uint64_t{passed.which} << base & burst_.padded; padded != 0; padded &= padded - 1)
    cut_padding(static_cast<std::size_t>(std::countr_zero(padded)));
  return passed;
}

} // namespace sekisho::path
