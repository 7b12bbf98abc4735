// How many messages between the stations of a link (ARP, neighbour discovery) are judged in a second, whether the core
// is busy or not: each costs more than a known flow's packet, and what is for the gateway is the kernel's to answer.
// Without a bound a flood of them would cost listed flows their packets, and relays theirs on the tap (Z8).
#pragma once

#include "base/address.hh"
#include "rules/subject.hh"

#include <array>
#include <optional>

namespace sekisho::path {

/// Stations that are listed, in use as next hops, or were asked just now are expected: each has some messages a second
/// that nobody else can use up.  All others share what there is, and none has more than its part of it.
class LinkBudget {
public:
  static constexpr unsigned assured = 8;   // of each expected station
  static constexpr unsigned of_one = 64;   // the most of any: what is beyond `assured` is taken from …
  static constexpr unsigned shared = 1024; // … what the expected of a zone share, and as much its others
  static constexpr std::uint32_t answer_within = 2; // seconds after a question

  /// `hash_key`: random wherever somebody could aim at it.
  explicit LinkBudget(std::uint64_t hash_key) : key_(hash_key) {}

  /// The gateway asks who has `ip`: all, or `at` alone, which then is the one expected to answer.
  void expect(rules::ZoneId zone, const Ip &ip, const std::optional<Mac> &at, std::uint32_t now);
  /// A message of `mac` that speaks of `ip` comes at `now` (seconds): true when it may be judged.  `is_known`: the MAC is
  /// listed, or the one in use for that address.
  bool take(rules::ZoneId zone, const Mac &mac, const Ip &ip, bool is_known, std::uint32_t now);

private:
  struct Count {
    std::uint32_t second = 0, count = 0;
    /// Of this second.
    std::uint32_t &at(std::uint32_t now) {
      if (second != now) *this = {now, 0};
      return count;
    }
  };
  struct Question {
    std::uint32_t print = 0, second = 0;
  };
  template <class Value> using Row = std::array<Value, rules::max_zones>;

  std::uint64_t hash_of(rules::ZoneId zone, const Mac &mac) const;
  std::uint64_t hash_of(rules::ZoneId zone, const Ip &ip) const;
  bool was_asked(std::uint64_t station, std::uint32_t now) const;

  std::uint64_t key_;
  std::array<Question, 1024> questions_{};
  std::uint32_t asked_at_ = 0; // anybody, last
  std::array<Count, 8192> expected_{}; // by station; a few share a place
  std::array<Count, 1024> others_{};
  Row<Count> shared_by_expected_{}, shared_by_others_{};
};

} // namespace sekisho::path
