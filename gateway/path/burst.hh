// One burst on its way: what each stage leaves for the next, allocated once.
#pragma once

#include "gateway/flow/table.hh"
#include "gateway/path/now.hh"
#include "gateway/path/screen.hh"
#include "gateway/port/port.hh"
#include "gateway/wire/headers.hh"
#include "rules/subject.hh"

namespace sekisho::path {

/// Which door of its zone a frame came in by.
enum class Side : std::uint8_t { port, kernel };

/// In one octet: the reasons of packets stand first in the table.
class PacketReason {
public:
  constexpr PacketReason(Reason reason) : octet_(static_cast<std::uint8_t>(reason)) {}
  constexpr operator Reason() const { return static_cast<Reason>(octet_); }

private:
  std::uint8_t octet_;
};
static_assert(PacketReason(Reason::relay_denied) == Reason::relay_denied); // the first of mail

/// What became of one frame.  Eight octets travel in one register; more would pass through memory, octet by
/// octet in and word by word out, which waits.
struct Fate {
  rules::Verdict verdict = rules::Verdict::drop;
  PacketReason reason = Reason::no_rules; // none when not dropped, or held
  rules::ZoneId out = rules::no_zone;     // leaves by this zone's …
  Side out_side = Side::port;             // … port or tap
  rules::RuleId rule = rules::no_rule;
};
static_assert(sizeof(Fate) == 8);

inline Fate dropped(Reason reason, rules::RuleId rule = rules::no_rule) {
  return {.verdict = rules::Verdict::drop, .reason = reason, .rule = rule};
}

/// Waits for the rest of its datagram: neither here nor there, and not the burst's any more.
inline Fate held() { return {.verdict = rules::Verdict::drop, .reason = Reason::none}; }
inline bool is_held(const Fate &fate) {
  return fate.verdict == rules::Verdict::drop && fate.reason == Reason::none;
}

/// ICMP: the identifier of an echo stands for both ports.
inline flow::Ends ends_of(const wire::Headers &headers) {
  bool is_icmp = rules::protocol::is_icmp(headers.protocol);
  return {headers.source, headers.destination, is_icmp ? headers.icmp_id : headers.source_port,
          is_icmp ? headers.icmp_id : headers.destination_port, headers.protocol};
}

struct Burst : PlainRows, ScreenRows {
  rules::ZoneId zone = rules::no_zone;
  Side side = Side::port;
  Now now;
  std::uint32_t seconds = 0;  // of now
  bool has_rules = false;     // there are some, and they know the zone
  bool may_be_quick = false;  // known flows may pass without a closer look
  std::size_t count = 0;
  std::size_t strangers = burst_size; // the most that are judged: of the plain ones, and of the others …
  std::size_t looked_at = 0;          // … of which there were so many
  std::uint64_t octets = 0;
  std::array<std::uint64_t, 3> verdicts{}; // by rules::Verdict

  std::array<port::Frame, burst_size> frames;
  // Of every packet, as are `keys`, `source_is_high` and `places`:
  alignas(64) std::array<std::uint64_t, burst_size> hashes;
  alignas(64) std::array<flow::Table::Index, burst_size> candidates;
  std::uint64_t quick = 0;             // bit i: packet i passed quickly, and its fate was not written
  std::array<Fate, burst_size> fates;
  std::uint64_t excess = 0; // bit i: ARP or neighbour discovery beyond its bounds, not read
  // Of those that need a closer look:
  std::array<wire::Headers, burst_size> headers;
  std::array<Reason, burst_size> reasons;
  // Of plain packets without a flow, which are asked about together (strangers.cc):
  std::array<rules::PacketSubject, burst_size> subjects;
  std::array<std::uint8_t, burst_size> asked_as;     // of a packet: its place in subjects, where …
  std::array<rules::Decision, burst_size> decisions; // … and what was answered …
  std::uint64_t decided = 0;                         // … this bit is set
  // Together on their way out:
  std::array<port::Frame, burst_size> gathered, dropped;
  std::array<std::uint8_t, burst_size> whose; // their places in the burst
  std::size_t dropped_count = 0;
  std::size_t shed = 0; // of those
};

} // namespace sekisho::path
