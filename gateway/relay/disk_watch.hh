// Trouble with the disk of spool and hold, and a hold in which the rules grant no more room, are told while they last: in the log, in
// the record, in `sekisho status`.  What the door says meanwhile (4xx) is the journeys' business.
#pragma once

#include "gateway/relay/journey.hh"
#include "gateway/relay/keeper.hh"
#include "gateway/relay/recorder.hh"

namespace sekisho::relay {

class DiskWatch {
public:
  DiskWatch(net::io_context &loop, const RelaySettings &settings, Keeper &keeper, const Journeys &journeys, Recorder &recorder);

  Task<void> watch();
  /// "well", "slow", "full", "failed", or "damaged": harmed octets were found at the start.
  const std::string &spool() const { return spool_.state; }
  const std::string &hold() const { return hold_.state; }

private:
  /// Where it goes back and forth, it is one trouble.
  struct Disk {
    const char *name;
    std::string state = "well";
    SteadyClock::time_point full_until{};
  };
  struct Shortage {
    SteadyClock::time_point until, next_sum;
  };
  void look();
  bool is_full(Disk &disk, bool is_now);
  void become(Disk &disk, const char *next);
  void look_for_room();
  void tell_room(const std::string &relay, const char *event);

  const RelaySettings &settings_;
  Keeper &keeper_;
  const Journeys &journeys_;
  Recorder &recorder_;
  net::steady_timer timer_;
  Disk spool_{"spool"}, hold_{"hold"};
  std::map<std::string, Shortage> shortages_; // by relay: mails that wait for room in the hold
  SteadyClock::time_point slow_until_{};
};

} // namespace sekisho::relay
