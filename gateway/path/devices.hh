// The device table (Z5): every device the cores told of, where it is, since when, what changed.  Owned by the
// attendant: one thread, away from the forwarding cores.
//
// Bounded: the listed devices always have their row; of the others a flood of invented ones can push out only
// what was never trusted, and of that what was seen least.
#pragma once

#include "base/result.hh"
#include "gateway/path/homes.hh"
#include "gateway/path/sightings.hh"
#include "rules/ruleset.hh"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sekisho::path {

/// What happened with a device, for the record and for its row.
struct DeviceEvent {
  enum class Kind : std::uint8_t {
    appeared,    // device-new: seen for the first time
    unknown,     // device-unknown: refused, for who it is
    moved,       // device-moved: in another zone than before, or than listed
    changed,     // device-changed: one more address
    contradicts, // device-contradicts: what it says is not what is listed or known
    flood,       // device-flood: so many of the above were not told one by one
  };
  Kind kind = Kind::appeared;
  Mac mac;
  rules::ZoneId zone = rules::no_zone; // where
  rules::ZoneId from = rules::no_zone; // moved: from where
  Ip ip;                               // as it says; zero where it did not
  Reason reason = Reason::none;        // why it was refused; none where it was not
  std::uint64_t count = 1;
  UnixSeconds time = 0;
};
std::string_view word_of(DeviceEvent::Kind kind);

struct DeviceAddress {
  Ip ip;
  UnixSeconds first_seen = 0, last_seen = 0;
};

struct DeviceRow {
  Mac mac;
  rules::ZoneId zone = rules::no_zone; // where it was trusted last; else where it was seen last
  std::string host;                    // as listed; empty
  Standing standing = Standing::seen;
  UnixSeconds first_seen = 0, last_seen = 0; // 0: listed and never seen
  UnixSeconds trusted_at = 0;                // the last time it was heard or permitted
  std::uint64_t seen = 0, refused = 0;       // packets the cores told of
  Reason reason = Reason::none;              // of the last refusal
  std::vector<DeviceAddress> addresses;      // those it was trusted with; the latest few
  std::vector<DeviceEvent> changes;          // the latest few
  std::uint64_t change_count = 0;
};

struct DeviceOptions {
  std::size_t unlisted = 4096;        // rows for devices that are not listed
  std::size_t events_an_interval = 64; // for listed devices, and as many for the others
};

class Devices {
public:
  static constexpr UnixSeconds interval = 10;         // seconds, of events_an_interval
  static constexpr UnixSeconds repeat_after = 600;    // the same of the same device is told again after so long
  static constexpr UnixSeconds home_for = 24 * 3600;  // an unlisted device belongs to its zone for so long unheard
  static constexpr std::size_t max_addresses = 8, max_changes = 8;

  explicit Devices(const DeviceOptions &options = {}) : options_(options) {}

  /// The devices that are listed from now on.
  void adopt(const rules::RuleSet &rules);
  /// One sighting; what follows from it is appended to `events`.
  void take(const Sighting &sighting, std::vector<DeviceEvent> &events);
  /// Now and then: homes that are over, and what was too much to tell.
  void tidy(UnixSeconds now, std::vector<DeviceEvent> &events);

  /// In order of zone, host and MAC.  By the owning thread.
  std::vector<DeviceRow> snapshot() const;
  /// For the cores; lives as long as this.
  const Homes &homes() const { return homes_; }
  std::uint64_t beyond() const { return beyond_; } // sightings of devices there was no row for

  /// {"devices":[row, …]}: what is kept over a restart.  Zones by name.
  nlohmann::ordered_json to_json(const rules::RuleSet &rules, std::optional<rules::ZoneId> of_zone = {}) const;
  /// Adds rows of to_json(); those of zones no longer there and all beyond the bounds are left out.
  /// Errors: not what to_json() wrote.
  Result<void> from_json(const nlohmann::ordered_json &untrusted, const rules::RuleSet &rules);

private:
  struct Listing {
    std::string host;
    std::uint32_t zones = 0; // bit z: listed there
  };
  using Rows = std::unordered_map<std::uint64_t, DeviceRow>;

  void restore(DeviceRow row);
  DeviceRow *row_for(const Sighting &sighting, bool &is_new);
  bool make_room(Standing newcomer);
  const Listing *listing_of(const Mac &mac) const;
  bool note_place(DeviceRow &row, const Sighting &sighting, std::vector<DeviceEvent> &events);
  void note_address(DeviceRow &row, const Sighting &sighting, std::vector<DeviceEvent> &events);
  void note_refusal(DeviceRow &row, const Sighting &sighting, bool is_told,
                    std::vector<DeviceEvent> &events);
  void tell(DeviceRow &row, const DeviceEvent &event, std::vector<DeviceEvent> &events);

  DeviceOptions options_;
  Rows rows_;
  std::unordered_map<std::uint64_t, Listing> listed_;
  std::size_t unlisted_ = 0; // rows
  Homes homes_;
  std::uint64_t beyond_ = 0;
  UnixSeconds interval_began_ = 0, tidied_at_ = 0;
  std::size_t told_listed_ = 0, told_others_ = 0;
  std::uint64_t untold_ = 0;
};

/// {"mac","zone","host","standing","first_seen", …}: of `sekisho devices --json` too.
nlohmann::ordered_json to_json(const DeviceRow &row, const rules::RuleSet &rules);
/// {"event":"device-new", …}: members in gateway/record/event.hh.
nlohmann::ordered_json to_json(const DeviceEvent &event, const rules::RuleSet &rules);

} // namespace sekisho::path
