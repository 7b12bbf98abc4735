// The way out of one relay: its next hops in their order, each with a courier.  One attempt of a mail asks them one
// after the other until one has taken it into its hands.
#pragma once

#include "gateway/relay/courier.hh"
#include "rules/ruleset.hh"

#include <map>

namespace sekisho::relay {

struct Attempt {
  Delivery delivery;
  std::string next_hop; // "10.2.0.25:25": the one that answered, or was asked last
};

class Routes {
public:
  Routes(net::io_context &loop, const RelaySettings &settings) : loop_(loop), settings_(settings) {}

  /// What the rules say now.  `passwords`: by the path that the rule names.
  void set_relay(const rules::Relay &relay, const std::map<std::string, std::string> &passwords);
  /// `outgoing.mail` must stay until the answer.  Another next hop is asked only where the one before cannot have
  /// taken the mail: it could not be reached, did not agree on TLS or the login, or is not able to take such a mail.
  /// A next hop that left the rules meanwhile is not asked either; where that leaves none, the attempt is withheld.
  Task<Attempt> deliver(smtp::Outgoing outgoing, Courier::MayGo may_go);
  void cut();
  /// To be called about once a second.
  void watch();
  std::size_t in_hand() const;

private:
  struct Hop {
    rules::NextHop said;
    std::unique_ptr<Courier> courier;
    SteadyClock::time_point away_until{}; // could not be reached lately: asked last
    std::size_t failures = 0;             // outages, one after the other
    bool is_tried = false;                // a mail is on its way there to see whether it is back
    std::int64_t credit = 0;              // of its weight
  };
  using SharedHop = std::shared_ptr<Hop>;

  std::vector<SharedHop> order();
  bool has(const Hop *hop) const;
  void add_by_weight(std::vector<SharedHop> group, std::vector<SharedHop> &order) const;
  void put_away(Hop &hop, SteadyClock::time_point asked) const;

  net::io_context &loop_;
  const RelaySettings &settings_;
  rules::RoutesRule rule_;
  std::string password_;
  std::vector<SharedHop> hops_;
  std::vector<SharedHop> former_; // no longer in the rules; until what they have in hand is over
  std::uint64_t cuts_ = 0;
};

std::string words_of(const Tcp::endpoint &endpoint);

} // namespace sekisho::relay
