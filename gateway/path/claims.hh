// Who has an address, where no rule says it: what ARP and neighbour discovery said last, and whether somebody
// else who says otherwise may be believed (Z5).
//
// An address that moves to another MAC is a change of hardware, a failover, or somebody who wants to be another.
// The gateway cannot tell from one message, so it asks the one it knows, by unicast.  As long as that one
// answers, the other is refused; when it has been silent for a few seconds, the move is believed and recorded.
// Hosts with a listed MAC never come here.
#pragma once

#include "base/address.hh"
#include "rules/subject.hh"

#include <memory>
#include <optional>

namespace sekisho::path {

class Claims {
public:
  static constexpr std::uint32_t settle_after = 3;  // seconds the known one has to answer
  static constexpr std::uint32_t patience = 30;     // seconds after which a challenge begins anew
  static constexpr std::uint32_t stale_after = 600; // seconds without a word of the known one
  static constexpr std::uint32_t asks_a_second = 64;

  enum class Outcome : std::uint8_t {
    believed,
    moved,     // believed, and it was another's before
    contested, // Reason::neighbour_moved
  };
  struct Answer {
    Outcome outcome = Outcome::believed;
    std::optional<Mac> ask; // this one should be asked now whether it is still there
  };

  /// `hash_key`: random wherever somebody could aim at it.  Bounded: of four addresses that share a place the one
  /// longest unheard gives way.
  explicit Claims(std::uint64_t hash_key);

  /// `mac` says, properly, that it has `ip`.  `in_use`: what this core sends to at present, should that be known
  /// although the claim was forgotten.  `now`: seconds.
  Answer hear(rules::ZoneId zone, const Ip &ip, const Mac &mac, std::optional<Mac> in_use,
              std::uint32_t now);

private:
  struct Claim {
    Ip ip;
    Mac mac, challenger;
    rules::ZoneId zone = rules::no_zone; // no_zone: free
    std::uint32_t confirmed_at = 0;
    std::uint32_t challenged_at = 0; // 0: not challenged
    std::uint32_t asked_at = 0;
  };
  static constexpr std::size_t sets = 2048, ways = 4;

  Claim &claim_of(rules::ZoneId zone, const Ip &ip);
  Answer contest(Claim &claim, const Mac &mac, std::uint32_t now);

  std::uint64_t key_;
  std::unique_ptr<Claim[]> claims_;
  std::uint32_t second_ = 0, asked_ = 0;
};

} // namespace sekisho::path
