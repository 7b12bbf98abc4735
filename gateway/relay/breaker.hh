// Relays that stopped themselves (M2): kept as a file each, so that a restart starts none of them again, and armed
// again by a person only.
//
//   question of the control role (MessageType::breaker)
//     {"who": {"uid", "pid", "user"}}                                 which relays stand still
//     {"relay": "outbound", "reason": "…", "who": {"uid", "pid", "user"}}     start it again
//   answer
//     {"stopped": [{"relay", "since", "why"}]}  |  {"armed": "outbound"}
#pragma once

#include "base/clock.hh"
#include "base/result.hh"

#include <map>
#include <set>
#include <string>

namespace sekisho::relay {

class Breakers {
public:
  struct Stopped {
    std::string since; // RFC 3339; empty: the file cannot be read
    std::string why;
  };

  /// `folder` belongs to the relay.  What cannot be read stands still all the same.
  static Result<Breakers> open(std::string folder);

  /// Durable when it returns; where the disk does not take it, it holds until the next restart, told in the log.
  void trip(const std::string &relay, const std::string &why, UnixSeconds now);
  /// Errors: it does not stand still, or the disk does not forget it.
  Result<void> arm(const std::string &relay);
  const std::map<std::string, Stopped> &stopped() const { return stopped_; }
  std::set<std::string> names() const;

private:
  std::string folder_;
  std::map<std::string, Stopped> stopped_; // by relay
};

} // namespace sekisho::relay
