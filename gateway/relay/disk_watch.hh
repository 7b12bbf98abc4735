// Trouble with the disk of spool and hold is told while it lasts: in the log, in the record, in `sekisho status`.  What the door
// says meanwhile (4xx) is the journeys' business.
#pragma once

#include "gateway/relay/keeper.hh"
#include "gateway/relay/recorder.hh"

namespace sekisho::relay {

class DiskWatch {
public:
  DiskWatch(net::io_context &loop, Keeper &keeper, Recorder &recorder);

  Task<void> watch();
  /// "well", "slow", "full", "failed", or "damaged": harmed octets were found at the start.
  const std::string &spool() const { return spool_; }
  const std::string &hold() const { return hold_; }

private:
  void look();
  void become(std::string &state, const char *what, const char *next);

  Keeper &keeper_;
  Recorder &recorder_;
  net::steady_timer timer_;
  std::string spool_ = "well", hold_ = "well";
  SteadyClock::time_point slow_until_{};
};

} // namespace sekisho::relay
