// What is remembered of one permitted flow: one cache line that every packet needs, and aside what only its
// beginning, its end and a question about it need.
#pragma once

#include "gateway/flow/key.hh"
#include "gateway/flow/state.hh"
#include "rules/subject.hh"

namespace sekisho::flow {

constexpr std::uint16_t no_neighbour = 0xffff;
constexpr std::uint16_t no_generation = 0; // no rule set has it

/// The octets of a flow so far and its packets not yet handed to its rule's counters, in one word: 48 bits
/// and 16, so that a packet costs one addition.
class Volume {
public:
  void add(std::uint32_t octets) { word_ += one_packet + octets; }
  /// Before the packets run over: then they are taken.
  bool is_full() const { return word_ >= std::uint64_t{0xfff0} << 48; }
  std::uint64_t octets() const { return word_ & octet_mask; }
  std::uint32_t waiting_packets() const { return static_cast<std::uint32_t>(word_ >> 48); }
  std::uint32_t take_packets() {
    std::uint32_t packets = waiting_packets();
    word_ &= octet_mask;
    return packets;
  }

private:
  static constexpr std::uint64_t one_packet = std::uint64_t{1} << 48, octet_mask = one_packet - 1;
  std::uint64_t word_ = 0;
};

/// The opener is the end that sent the first packet, the answerer the other.
struct alignas(64) Entry {
  Key key;
  Volume volume;
  TcpEnd tcp[2];                        // of [opener, answerer]
  std::uint32_t last_seen = 0;          // seconds on the path's clock
  std::uint32_t rule : 24 = 0xffffff;   // RuleId, all ones for none
  std::uint32_t opener_is_high : 1 = 0; // of the key's two ends
  std::uint32_t from_kernel : 1 = 0;    // the opener is the gateway itself
  std::uint32_t relayed : 1 = 0;        // one end is the gateway's own stack
  std::uint32_t dead : 1 = 0;           // removed in this burst, its line not free yet
  std::uint32_t metered : 1 = 0;        // its rule limits packets or bits: each is asked for
  std::uint16_t neighbour[2] = {no_neighbour, no_neighbour}; // of [opener, answerer]
  std::uint16_t generation = no_generation; // of the rules that permitted it
  State state = State::none;
  std::uint8_t from : 4 = 0, to : 4 = 0; // ZoneIds (below max_zones)

  /// from, and to four bits higher.
  std::uint8_t zones() const { return static_cast<std::uint8_t>(from | to << 4); }
  rules::RuleId rule_id() const { return rule == 0xffffff ? rules::no_rule : rule; }
};
static_assert(sizeof(Entry) == 64 && rules::max_zones <= 16);

/// Beside an entry, at the same place of another array.
struct Aside {
  Ends ends; // the opener is the source
  Mac opener_mac;
  std::uint32_t opened_at = 0;          // seconds on the path's clock
  std::uint32_t limit_slot = no_slot;   // what counts it (path::Limits)
  std::uint64_t packets = 0;            // handed to the rule's counters
  std::uint64_t counted_octets = 0;     // the same of octets
  bool tells_its_end = false;           // its rule has it recorded
  Opening again;                        // a SYN of the opener on an open connection
  static constexpr std::uint32_t no_slot = 0xffffffff;
};

} // namespace sekisho::flow
