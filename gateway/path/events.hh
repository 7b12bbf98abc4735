// What the path tells the record, handed from the forwarding core to the control thread.
#pragma once

#include "base/address.hh"
#include "base/clock.hh"
#include "base/reason.hh"
#include "gateway/path/ring.hh"
#include "rules/subject.hh"

#include <array>

namespace sekisho::path {

/// Plain values: the fast thread formats nothing.
struct Event {
  enum class Kind : std::uint8_t { flow_permitted, flow_ended, packets_refused };
  Kind kind = Kind::packets_refused;
  Reason reason = Reason::none;
  rules::ZoneId zone = rules::no_zone; // it came from
  rules::ZoneId to = rules::no_zone;   // permitted: it goes to
  bool from_kernel = false;
  std::uint8_t protocol = 0;
  Mac source_mac;
  Ip source, destination;
  std::uint16_t source_port = 0, destination_port = 0;
  rules::RuleId rule = rules::no_rule;
  std::uint64_t count = 1; // refused: how many packets since the last event; ended: packets of the flow
  UnixSeconds time = 0;    // of the first of them
  std::uint64_t octets = 0;   // ended
  std::uint32_t seconds = 0;  // ended: from its first to its last packet
};

/// What does not fit is counted by the forwarding core.
class EventRing : public Ring<Event> {
public:
  explicit EventRing(std::size_t size = 4096) : Ring(size) {}
};

/// A packet that was refused, as far as the record tells.
struct Refusal {
  const rules::PacketSubject &who;
  Reason reason;
  rules::RuleId rule;
  UnixSeconds time;
};

/// Gathers refusals, so that a flood of them is a number in the record and not a flood of it (Z8, L1): at
/// most `detailed` groups of the same (reason, zone, addresses, protocol, destination port) an interval, what
/// is beyond joins the first group of its reason and zone, whose count then says more than its addresses.
class Refusals {
public:
  static constexpr std::size_t detailed = 32;
  static constexpr std::uint64_t interval = 1'000'000'000; // ns

  Refusals();
  void add(const Refusal &refusal, std::uint64_t count = 1);
  /// Whether the groups are due; the first of a quiet time is due at once.
  bool is_due(std::uint64_t now_ns) const { return used_ > 0 && now_ns - sent_at_ >= interval; }
  /// Hands every group to `ring`; returns how many did not fit.
  std::size_t flush(EventRing &ring, std::uint64_t now_ns);

private:
  static constexpr std::size_t capacity = 3 * detailed;
  using Group = std::uint8_t; // its place in groups_
  static constexpr Group no_group = 0xff;
  std::array<Event, capacity> groups_;
  /// Of each group, open addressing by its print; most packets are told apart here already.
  struct Place {
    std::uint32_t print = 0;
    Group group = no_group;
  };
  std::array<Place, 256> places_;
  /// The first group of each reason and zone.
  std::array<std::array<Group, reason_count>, rules::max_zones> first_;
  std::size_t used_ = 0;
  std::uint64_t sent_at_ = 0;
  std::uint64_t beyond_ = 0; // not even a group of their own reason and zone
};

} // namespace sekisho::path
