// What a forwarding core tells of the devices it sees, at most once a second each; the table itself and what
// follows from it are the attendant's (devices.hh).  Only on the slow path: first packets, ARP and neighbour
// discovery, refusals.
#pragma once

#include "base/address.hh"
#include "base/clock.hh"
#include "base/reason.hh"
#include "gateway/path/ring.hh"
#include "rules/subject.hh"

#include <array>

namespace sekisho::path {

/// How much is known of a device, in rising order.
enum class Standing : std::uint8_t {
  seen,      // a frame of it that was for others
  refused,   // for who it is or says it is
  heard,     // its ARP or neighbour discovery fits what is listed and known
  permitted, // it opened or answered a permitted flow
};

/// A device the gateway believes, as far as a LAN allows.
inline bool is_trusted(Standing standing) { return standing >= Standing::heard; }

struct Sighting {
  Mac mac;
  rules::ZoneId zone = rules::no_zone;
  Standing standing = Standing::seen;
  Reason reason = Reason::none; // of a refused one
  Ip ip;                        // as it says; zero where it did not
  std::uint32_t count = 1;      // packets of the same since the last of these
  UnixSeconds time = 0;
};

using SightingRing = Ring<Sighting>;

/// Refusals that say who somebody is not; the others say nothing against the device.
bool is_about_identity(Reason reason);

/// Thins out: the same device, standing, reason and address once a second.  A flood of invented devices spends
/// a budget of its own and cannot hide the trusted ones.
class Sightings {
public:
  static constexpr std::uint32_t trusted_a_second = 512, others_a_second = 64;

  /// `ring` outlives this.
  explicit Sightings(SightingRing &ring) : ring_(ring) {}
  void note(const Sighting &sighting, std::uint32_t now);
  /// Packets whose sender was not told on, because there were too many.
  std::uint64_t beyond() const { return beyond_; }

private:
  struct Recent {
    std::uint64_t print = 0;
    std::uint32_t second = 0;
    std::uint32_t count = 0; // not told yet
  };
  using Memory = std::array<Recent, 1024>; // a place for each print modulo its size
  Memory trusted_{}, others_{};
  std::uint32_t second_ = 0, trusted_told_ = 0, others_told_ = 0;
  std::uint64_t beyond_ = 0;
  SightingRing &ring_;
};

} // namespace sekisho::path
