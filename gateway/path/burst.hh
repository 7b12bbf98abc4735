// One burst on its way: what each stage leaves for the next, allocated once.
#pragma once

#include "gateway/flow/table.hh"
#include "gateway/path/now.hh"
#include "gateway/port/port.hh"
#include "gateway/wire/headers.hh"
#include "rules/subject.hh"

namespace sekisho::path {

constexpr std::size_t burst_size = 64; // 32 costs 5 ns a packet more at a million flows, 128 gains nothing

/// Which door of its zone a frame came in by.
enum class Side : std::uint8_t { port, kernel };

/// What became of one frame.  Eight octets travel in one register; more would pass through memory, octet by
/// octet in and word by word out, which waits.
struct Fate {
  rules::Verdict verdict = rules::Verdict::drop;
  Reason reason = Reason::no_rules; // none when not dropped
  rules::ZoneId out = rules::no_zone; // leaves by this zone's …
  Side out_side = Side::port;         // … port or tap
  rules::RuleId rule = rules::no_rule;
};
static_assert(sizeof(Fate) == 8);

inline Fate dropped(Reason reason, rules::RuleId rule = rules::no_rule) {
  return {.verdict = rules::Verdict::drop, .reason = reason, .rule = rule};
}

/// ICMP: the identifier of an echo stands for both ports.
inline flow::Key key_of(const wire::Headers &headers, bool &source_is_high) {
  bool is_icmp =
      headers.protocol == rules::protocol::icmp || headers.protocol == rules::protocol::icmp6;
  return flow::make_key({headers.source, is_icmp ? headers.icmp_id : headers.source_port},
                        {headers.destination, is_icmp ? headers.icmp_id : headers.destination_port},
                        headers.protocol, source_is_high);
}

struct Burst {
  rules::ZoneId zone = rules::no_zone;
  Side side = Side::port;
  Now now;
  bool has_rules = false; // there are some, and they know the zone
  std::size_t count = 0;

  std::array<port::Frame, burst_size> frames;
  std::array<wire::Headers, burst_size> headers;
  std::array<Reason, burst_size> reasons;
  std::array<flow::Key, burst_size> keys;
  std::array<bool, burst_size> source_is_high;
  std::array<std::uint64_t, burst_size> hashes;
  std::array<flow::Table::Index, burst_size> candidates;
  std::array<Fate, burst_size> fates;
};

} // namespace sekisho::path
