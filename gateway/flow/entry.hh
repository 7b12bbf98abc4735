// What is remembered of one permitted flow: one cache line.
#pragma once

#include "gateway/flow/key.hh"
#include "gateway/flow/state.hh"
#include "rules/subject.hh"

namespace sekisho::flow {

constexpr std::uint16_t no_neighbour = 0xffff;

/// The opener is the end that sent the first packet, the answerer the other.
struct alignas(64) Entry {
  Key key;
  std::uint32_t last_seen = 0;          // seconds on the path's clock
  std::uint32_t acknowledged[2] = {};   // the last ACK number of [opener, answerer]
  std::uint32_t rule : 24 = 0xffffff;   // RuleId, all ones for none
  std::uint32_t opener_is_high : 1 = 0; // of the key's two ends
  std::uint32_t from_kernel : 1 = 0;    // the opener is the gateway itself
  std::uint32_t relayed : 1 = 0;        // one end is the gateway's own stack
  std::uint32_t dead : 1 = 0;           // removed in this burst, its line not free yet
  std::uint16_t generation = 0;         // of the rules that permitted it
  std::uint16_t neighbour[2] = {no_neighbour, no_neighbour}; // of [opener, answerer]
  State state = State::none;
  std::uint8_t from : 4 = 0, to : 4 = 0; // ZoneIds (below max_zones)

  rules::RuleId rule_id() const { return rule == 0xffffff ? rules::no_rule : rule; }
  const Ip &opener_ip() const { return opener_is_high ? key.high : key.low; }
  const Ip &answerer_ip() const { return opener_is_high ? key.low : key.high; }
  std::uint16_t opener_port() const { return opener_is_high ? key.high_port : key.low_port; }
  std::uint16_t answerer_port() const { return opener_is_high ? key.low_port : key.high_port; }
};
static_assert(sizeof(Entry) == 64 && rules::max_zones <= 16);

} // namespace sekisho::flow
