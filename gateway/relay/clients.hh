// Who is at a door, and how much each has sent of late: bounded whatever comes.  No sockets, no clock.
#pragma once

#include "base/address.hh"
#include "base/reason.hh"

#include <chrono>
#include <map>

namespace sekisho::relay {

/// The IPv4 /24 or IPv6 /64 of an address: where one client counts for others.
Ip net_of(const Ip &ip);
/// What one client has: an IPv4 address, an IPv6 /64.
Ip source_of(const Ip &ip);

struct ConnectionLimits {
  std::size_t all = 0, a_source = 0, a_net = 0;
};

/// Connections at once.
class Connections {
public:
  /// None: counted, leave() must follow.  Else too_many_connections.
  Reason enter(const Ip &ip, const ConnectionLimits &limits);
  void leave(const Ip &ip);
  std::size_t count() const { return all_; }

private:
  std::map<Ip, std::size_t> sources_, nets_;
  std::size_t all_ = 0;
};

/// Connections, mails, or recipients, a minute of each source: a bucket of one minute's worth that fills steadily.
class Rates {
public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most_sources = 65'536;

  /// None: taken from the bucket.  Else client_too_fast, and nothing is used up.  `a_minute` 0: no limit.
  Reason take(const Ip &ip, std::uint32_t a_minute, Time now);
  std::size_t sources() const { return buckets_.size(); }

private:
  struct Bucket {
    double left = 0;
    Time filled;
  };
  void forget_full(Time now);

  std::map<Ip, Bucket> buckets_;
  Time next_sweep_;
};

} // namespace sekisho::relay
