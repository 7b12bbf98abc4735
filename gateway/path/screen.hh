// Whether a plain packet's flow is known, permitted by the present rules and its sender who he should be: all
// of the quick way that only looks.  Nothing is refused here; whatever does not fit gets the closer look.
#pragma once

#include "gateway/flow/table.hh"
#include "gateway/path/neighbours.hh"
#include "gateway/path/plain.hh"
#include "rules/subject.hh"

namespace sekisho::path {

/// What packets that leave by a zone's port take from it, by ZoneId.
struct Exits {
  template <class Value> using Row = std::array<Value, rules::max_zones>;
  alignas(64) Row<std::uint32_t> largest{}; // frame that may leave, without padding
  alignas(64) Row<std::uint32_t> mac_front{}, mac_back{}; // the port's: two octets in the high half, four; as they lie
};

/// What every packet of a burst is asked against.
struct Surroundings {
  const flow::Entry *entries;
  const Neighbour *neighbours;
  const Exits &exits;
  std::uint32_t seconds;
  std::uint16_t generation;
  rules::ZoneId zone;
  bool is_lenient; // frames to other MACs are the gateway's too
  bool is_replay;  // no neighbour's MAC need be known
};

/// What is found out of the packets that may pass quickly.
struct ScreenRows {
  using Front = std::array<std::uint32_t, 4>; // 16 octets
  template <class Value> using Row = std::array<Value, burst_size>;

  alignas(64) Row<Front> fronts;       // the frame's first octets as they leave: MACs, EtherType, and two of IP
  alignas(64) Row<bool> is_answerer;   // the sender is the end that did not open the flow
  alignas(64) Row<std::uint8_t> places; // 2 zone + side it leaves by, or nowhere
  static constexpr std::uint8_t nowhere = 0xff;
};

/// Of the packets `which`, those that may pass quickly; of IPv6, whose keys are digests, the ends are still to be compared.
/// The rows in `found` of all others are void afterwards.
using ScreenPackets = std::uint64_t (*)(const Surroundings &around, std::uint64_t which,
                                        const PlainRows &rows, const flow::Table::Index *candidates,
                                        ScreenRows &found);

constexpr std::size_t together = 16; // packets that are passed at once

/// What became of them.
struct Passed {
  std::uint32_t which = 0; // bit i: the packet `base + i`
  std::uint32_t doors = 0; // bit p: one leaves by place p
  std::uint64_t octets = 0;
};
/// As pass_one() (quick.hh) of those of the sixteen packets from `base` on that are in `which` (screened, and IPv4).  Nothing changes
/// for those who do not fit, nor for one who is not the first of his flow among them: he is to be asked afterwards.
using PassPackets = Passed (*)(flow::Entry *entries, std::uint32_t seconds, std::uint32_t which, std::size_t base,
                               const PlainRows &rows, const flow::Table::Index *candidates, const ScreenRows &found,
                               port::Frame *frames);

/// On any processor.
std::uint64_t screen(const Surroundings &around, std::uint64_t which, const PlainRows &rows,
                     const flow::Table::Index *candidates, ScreenRows &found);

/// The stages as this processor does them best, or as any can.
struct QuickStages {
  ReadPlain read;
  ScreenPackets screen;
  PassPackets pass; // null: one after another
  bool has_bmi2; // the last stage may shift by it
};
QuickStages portable_stages();
QuickStages best_stages();

} // namespace sekisho::path
