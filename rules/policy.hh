// The compiled rule set: who is where (Atlas), what is listed (Classifier), and the order in which
// a packet is asked.
#pragma once

#include "rules/check.hh"
#include "rules/classifier.hh"

namespace sekisho::rules {

class Policy final : public RuleSet {
public:
  /// Null: the rules overlap in more ways than can be kept.
  static std::shared_ptr<const Policy> make(Model model, std::string hash);

  const Model &model() const { return model_; }
  const std::vector<Classifier::Hidden> &hidden() const { return classifier_.hidden(); }

  const std::vector<Zone> &zones() const override { return model_.zones; }
  const std::vector<Host> &hosts() const override { return model_.hosts; }
  const std::vector<Permit> &permits() const override { return model_.permits; }
  const std::vector<Relay> &relays() const override { return model_.relays; }
  const std::vector<Local> &locals() const override { return model_.locals; }
  const std::vector<std::string> &labels() const override { return model_.labels; }
  const std::string &hash() const override { return hash_; }
  Decision decide(const PacketSubject &subject, UnixSeconds now) const override;
  void decide(std::span<const PacketSubject> subjects, UnixSeconds now,
              Decision *decisions) const override;
  const Permit *permit_of(RuleId rule) const override;
  UnixSeconds next_change(UnixSeconds now) const override;
  std::optional<ZoneId> zone_of(const Ip &ip) const override;
  const Host *host_at(const Ip &ip) const override;

private:
  struct MacSlot {
    Mac mac;
    bool in_use = false;
    ZoneId zone = no_zone; // of the host
    std::uint32_t host = 0;
    bool is(const Mac &other) const { return mac == other; }
    bool is_empty() const { return !in_use; }
    std::uint64_t hash() const { return hash_of(mac); }
    static std::uint64_t hash_of(const Mac &mac);
  };

  Policy(Model model, std::string hash);
  bool build();
  std::vector<Term> terms();
  Classifier::Side side(const std::vector<End> &ends);
  void add(const Relay &relay);
  void add(const Local &local);

  /// The gateway's own ends, as nodes: its address in a zone, its kernel as the opener of flows
  /// into a zone, the group of VRRP routers of a zone.
  NodeId gateway(ZoneId zone) const { return own_nodes_ + zone; }
  NodeId kernel(ZoneId zone) const { return own_nodes_ + max_zones + zone; }
  NodeId vrrp_group(ZoneId zone) const { return own_nodes_ + 2 * max_zones + zone; }

  Decision decide(const PacketSubject &subject, const Atlas::Record *source, const Atlas::Record *to,
                  UnixSeconds now) const;
  void prefetch(const PacketSubject &subject, const Atlas::Record *source, const Atlas::Record *to) const;
  Decision from_kernel(const PacketSubject &subject, UnixSeconds now) const;
  Reason check_source(const PacketSubject &subject, const Atlas::Record *source) const;
  Reason zones_apart(ZoneId from, ZoneId to) const;
  Decision to_gateway(const PacketSubject &subject, NodeId source, UnixSeconds now) const;
  Decision vrrp6(const PacketSubject &subject, UnixSeconds now) const;
  Decision refused(const Classifier::Match &match, Reason otherwise, UnixSeconds now) const;
  const MacSlot *host_with(const Mac &mac) const { return macs_.find(mac, MacSlot::hash_of(mac)); }

  Model model_;
  std::string hash_;
  Atlas atlas_;
  Classifier classifier_;
  NodeId own_nodes_ = 0;
  FlatTable<MacSlot> macs_;
  std::vector<UnixSeconds> changes_; // sorted: seconds at which a rule begins or has ended
  std::vector<Schedule> schedules_;  // sorted, each once
  std::unordered_map<const void *, NodeId> sets_; // of building: networks of an end → their set
};

/// What a service looks at, for both IP versions.
std::vector<Selector> selectors_of(const Service &service);
/// The number of a packet that selectors compare: a port, or ICMP type and code.
std::uint16_t number_of(const PacketSubject &subject);

} // namespace sekisho::rules
