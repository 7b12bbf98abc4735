// Refused packets on their way from a forwarding core to the evidence files (L4).
//
// Of each reason in each zone a few packets a second at the most are kept, of each the first octets: a flood
// neither fills the files nor costs the core more than a comparison a packet.  How many were left out is told
// with the next one that is kept, and after a while without one.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"
#include "gateway/path/now.hh"
#include "gateway/path/ring.hh"
#include "rules/subject.hh"

#include <array>
#include <memory>

namespace sekisho::path {

struct RefusedPacket {
  static constexpr std::size_t max_kept = 256; // octets

  std::uint64_t nanoseconds = 0; // on the path's clock (monotonic)
  std::uint64_t left_out = 0;    // of the same reason and zone before this one, not told yet
  rules::RuleId rule = rules::no_rule;
  std::uint32_t length = 0; // of the whole frame; 0: no packet, only `left_out`
  std::uint16_t kept = 0;
  Reason reason = Reason::none;
  rules::ZoneId zone = rules::no_zone;
  bool from_kernel = false;
  std::array<std::byte, max_kept> octets;
};

class Evidence {
public:
  static constexpr std::uint32_t at_once = 32;      // of a reason in a zone, after a quiet time
  static constexpr std::uint32_t tell_after = 10;   // seconds, what was left out without a packet since
  static constexpr std::size_t ring_size = 1024;    // packets; a power of two

  Evidence() : ring_(ring_size), states_(new States{}) {}

  /// The core: a refused packet, before its frame is let go.
  void offer(Reason reason, rules::ZoneId zone, bool from_kernel, rules::RuleId rule, Bytes frame, const Now &now) {
    State &state = (*states_)[zone][static_cast<std::size_t>(reason)];
    std::uint32_t second = now.seconds();
    if (state.tokens == 0 && state.second == second) {
      ++state.left_out;
      return;
    }
    keep(state, {reason, zone, from_kernel, rule}, frame, now);
  }
  /// The core, between bursts.
  void tidy(const Now &now);
  /// The attendant.
  bool take(RefusedPacket &packet) { return ring_.pop(packet); }

private:
  struct State {
    std::uint32_t second = 0; // of the last refill
    std::uint32_t tokens = 0;
    std::uint64_t left_out = 0;
  };
  struct Whose {
    Reason reason;
    rules::ZoneId zone;
    bool from_kernel;
    rules::RuleId rule;
  };
  using States = std::array<std::array<State, reason_count>, rules::max_zones>;

  void keep(State &state, const Whose &whose, Bytes frame, const Now &now);

  Ring<RefusedPacket> ring_;
  std::unique_ptr<States> states_;
  RefusedPacket packet_; // being filled
  std::uint32_t tidied_at_ = 0;
};

} // namespace sekisho::path
