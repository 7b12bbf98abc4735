// What the rules say now: the present rule set and the severed zones, swapped whole between two questions.
#pragma once

#include "gateway/smtp/session.hh"
#include "rules/ruleset.hh"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sekisho::relay {

/// The relay listens to this client (M1): to one of its balancers only where it is listed.
bool is_client(const rules::DoorRule &door, const Ip &client);
bool is_balancer(const rules::DoorRule &door, const Ip &ip);

class Policy {
public:
  explicit Policy(std::shared_ptr<const rules::RuleSet> rules) { set_rules(std::move(rules)); }

  void set_rules(std::shared_ptr<const rules::RuleSet> rules);
  /// Another one than before: other rules say what this relay's mails are made by (its plan, its scanner, who may let an original
  /// go), or it was gone from them meanwhile.  0: it is not there.
  std::uint64_t treatment_number(const std::string &relay) const;
  /// Another one with each rule set.
  std::uint64_t rules_number() const { return rules_number_; }
  /// Blank-separated zone names, the whole list.
  void set_severed(std::string_view names);
  const std::set<std::string> &severed() const { return severed_; }
  const rules::RuleSet &rules() const { return *rules_; }

  bool is_severed(const std::string &zone) const { return severed_.contains(zone); }
  /// What stands in the files that rules name for logging in, by their paths.
  void set_passwords(std::map<std::string, std::string> passwords) { passwords_ = std::move(passwords); }
  const std::map<std::string, std::string> &passwords() const { return passwords_; }

  /// Relays that stopped themselves (M2), the whole list.
  void set_stopped(std::set<std::string> relays) { stopped_ = std::move(relays); }
  bool is_stopped(const std::string &relay) const { return stopped_.contains(relay); }
  /// Neither of its zones is cut off, and it did not stop itself.
  bool is_open(const rules::Relay &relay) const;
  /// Null: the rules have it no more.
  const rules::Relay *relay_named(const std::string &name) const;
  /// Of one that they have no more: since when, in this run.
  std::chrono::steady_clock::time_point missing_since(const std::string &relay) const;
  /// What to tell whoever typed a name that no relay has.
  std::string no_such_relay(const std::string &typed) const;
  std::string zone_name(rules::ZoneId zone) const;

  /// The relay that listens here; null: none does any more.
  const rules::Relay *relay_at(const std::string &zone, std::uint16_t port) const;
  /// May this client, at this door of this zone, send from there to here, by this security?
  smtp::Route route(const std::string &zone, std::uint16_t port, const Ip &client, const smtp::Offer &offer,
                    UnixSeconds now);
  /// Of a relay from an outside zone: relays from there take mail for this address, or relays to there take mail of it.
  bool is_own_side(const rules::Relay &relay, std::string_view address) const;
  /// Whom a <postmaster> without a domain means at this door (RFC 5321 §4.5.1): of the gateway's own name where a relay of the zone
  /// serves it, else of the first domain that the relay there serves, unless it leads outside; empty: nobody.
  std::string postmaster(const std::string &zone, std::uint16_t port, const std::string &host_name) const;
  const std::string &route_name(std::size_t route) const { return names_[route]; }
  /// The largest any relay from this zone takes; what EHLO says.
  std::uint64_t size_limit(const std::string &zone) const;

private:
  std::size_t number_of(const std::string &name);

  std::shared_ptr<const rules::RuleSet> rules_;
  std::uint64_t rules_number_ = 0;
  struct Treatment {
    Buffer made_by; // all that it depends on
    std::uint64_t number = 0;
  };
  std::map<std::string, Treatment> treatments_; // by relay
  std::uint64_t last_treatment_ = 0;
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::map<std::string, std::chrono::steady_clock::time_point> missing_; // by relay
  std::set<std::string> severed_, stopped_;
  std::map<std::string, std::string> passwords_;
  std::vector<std::string> names_; // relays by the number a session keeps; outlives a rule set
};

} // namespace sekisho::relay
