// What the parts of the check share (check.cc zones and hosts, check_permit.cc, check_relay.cc).
#pragma once

#include "rules/atlas.hh"
#include "rules/check.hh"

#include <map>
#include <unordered_map>

namespace sekisho::rules {

constexpr std::size_t max_networks = 64;  // of one zone
inline bool is_whole_path(std::string_view path) { return path.starts_with('/') && path.size() > 1; }

constexpr std::size_t max_zone_name = 12; // the kernel side is sk-NAME: 15 characters, IFNAMSIZ

class Checker {
public:
  Checker(const Sentences &sentences, std::span<const SourceFile> sources, UnixSeconds now,
          Reporter &reporter)
      : sentences_(sentences), sources_(sources), now_(now), reporter_(reporter) {}

  Model run();

private:
  struct Named {
    enum class What : std::uint8_t { zone, host, set, service } what;
    std::size_t index;
    Place place;
  };
  using Networks = std::shared_ptr<const std::vector<Network>>;
  /// One resolved end of a permit; of a set, one for each of its zones.
  struct Side {
    const Word *word = nullptr;
    const Host *host = nullptr; // when a host is named
    ZoneId zone = no_zone;
    bool is_set = false;
    const Word *unknown = nullptr; // of a set: a member that is no listed host with MAC
  };
  /// What a set holds of one zone.
  struct Part {
    ZoneId zone = no_zone;
    Networks networks;
    const Word *unknown = nullptr; // as in Side
  };

  // check.cc
  void declare_zones();
  void declare_hosts();
  void declare_sets();
  void declare_services();
  bool declare(const Word &name, Named::What what, std::size_t index);
  void zone(const ZoneSentence &said, Zone &zone);
  void zone_kind(const ZoneSentence &said, Zone &zone);
  void zone_port(const ZoneSentence &said, Zone &zone);
  void zone_vlan(const ZoneSentence &said, Zone &zone);
  void zone_frames(const ZoneSentence &said, Zone &zone);
  void zone_network(const Word &word, Zone &zone);
  void zone_address(const ZoneSentence &said, Zone &zone);
  void overlaps();
  /// One network of one zone.
  struct NetworkIndex {
    std::size_t zone, network;
  };
  void overlap(NetworkIndex a, NetworkIndex b);
  void host(const HostSentence &said, Host &host);
  void host_address(const HostSentence &said, Host &host);
  void host_mac(const HostSentence &said, Host &host);

  std::optional<Ip> address(const Word &word);
  bool is_usable(const Word &word, const Ip &ip);
  std::optional<ZoneId> zone_named(const Word &word);
  const std::string &zone_name(ZoneId zone) const { return model_.zones[zone].name; }
  const Host *host_at(const Ip &ip) const;
  void why_closed(Diagnostic &diagnostic, ZoneId zone) const;

  // check_ends.cc
  void set(const SetSentence &said, std::vector<Part> &parts);
  /// Every end that is known; false if one is not.
  bool resolve(const std::vector<Word> &words, std::vector<End> &ends, std::vector<Side> &sides);
  bool resolve(const Word &word, std::vector<End> &ends, std::vector<Side> &sides);
  bool network_end(const Word &word, End &into, Side &side);
  bool unknown_name(const Word &word);
  Networks networks_of(const Host &host);

  // check_services.cc
  void service(const ServiceSentence &said, std::vector<Service> &into);
  bool services(const std::vector<ServiceItem> &said, std::vector<Service> &into);
  Service service(const ServiceItem &said);
  std::optional<Schedule> schedule(const ConditionItems *said);
  void never_in_force(const ScheduleItem &said, const Schedule &schedule, const Ledger &ledger);
  Limits limits(const ConditionItems *said);

  // check_permit.cc
  void permit(const PermitSentence &said);
  bool zones_may_meet(const std::vector<Side> &from, const std::vector<Side> &to);
  bool pair_may_meet(const Side &from, const Side &to);
  void exception(const PermitSentence &said, const std::vector<Service> &services,
                 const std::vector<Side> &from, const std::vector<Side> &to);
  void exception_services(const PermitSentence &said, const std::vector<Service> &services,
                          ZoneId closed);
  void exception_end(const Side &side, ZoneId closed, std::string_view what);

  // check_local.cc
  void local(const LocalSentence &said);
  void local_host(const LocalSentence &said, const Local &local, const Side &side);

  Ledger ledger(const LedgerItems &said, const Place &sentence, bool whole, std::string_view what);
  void ledger_until(const LedgerItems &said, const Place &sentence, bool whole, ZoneId closed);
  void ledger_since(const LedgerItems &said, Ledger &ledger);
  RuleId label(const Place &place);

  // check_relay.cc
  void relay(const RelaySentence &said);
  void relay_zones(const RelaySentence &said, const Relay &relay);
  void relay_name(const RelaySentence &said, Relay &relay);
  void relay_recipients(const RelaySentence &said, Relay &relay);
  bool recipient(const Word &word);
  void relay_listen(const RelaySentence &said, Relay &relay);
  void relay_scan(const RelaySentence &said, Relay &relay);
  void relay_hold(const HoldSentence &said, Relay &relay); // check_relay_hold.cc
  void relay_plan(const RelaySentence &said, Relay &relay);
  void relay_note(const Word &path, Relay &relay); // check_note.cc

  // check_relay_door.cc
  void relay_door(const DoorSentence &said, Relay &relay);
  void door_ends(const std::vector<Word> &said, std::string_view what, const Relay &relay,
                 std::vector<Network> &into);
  void door_senders(const DoorSentence &said, Relay &relay);
  void door_tls(const DoorSentence &said, Relay &relay);
  void door_limit(const DoorLimitItem &item, DoorRule &door);
  // check_relay_routes.cc
  void relay_routes(const RelaySentence &said, Relay &relay);
  void relay_hops(const RelaySentence &said, Relay &relay);
  bool next_hop(const RelaySentence &said, const Word &word, const Relay &relay, Ip &address);
  void relay_hop_limits(const RoutesSentence &said, RoutesRule &routes);
  void relay_tls(const RoutesSentence &said, Relay &relay);
  void relay_authority(const Word &path, Relay &relay);
  void relay_login(const RoutesSentence &said, Relay &relay);
  void relay_bounces(const RelaySentence &said, Relay &relay);
  void bounce_ways();
  void own_sides(); // check_relay_guard.cc
  void unsaid_senders(const RelaySentence &said, Relay &relay);
  // check_relay_patience.cc
  void relay_patience(const RelaySentence &said, Relay &relay);
  void relay_waits(const PatienceSentence &patience, const PatienceRule &rule);
  void relay_delay_notice(const RelaySentence &said, PatienceRule &rule);

  template <class Choice>
  void one_of(const std::optional<Word> &said, Choice &choice, std::size_t count);
  std::optional<job::Treatment> treatment(const Word &word, std::string_view of,
                                          const std::vector<job::Treatment> &offered);
  void archive_depth(const TreatmentItem &item, std::optional<job::Treatment> chosen, Relay &relay);
  void in_range(const RelaySentence::Amount &amount, std::uint64_t least, std::uint64_t most,
                std::string_view allowed);

  // check_relay_guard.cc
  bool is_outward(const Relay &relay) const; // from inside to an outside zone
  void relay_guard(const RelaySentence &said, Relay &relay);
  std::size_t choice(const std::optional<Word> &said, std::initializer_list<std::string_view> offered,
                     std::size_t unsaid);
  void guard_destinations(const RelaySentence &said, Relay &relay, bool outward);
  std::shared_ptr<const DomainList> domain_list(const RefuseItem &item);
  const SourceFile *file_named(const Word &path, std::string example, std::string requirement);
  void guard_mass(const GuardSentence &guard, Relay &relay);
  void guard_authentication(const RelaySentence &said, Relay &relay);
  bool resolver_address(const Word &word, Resolver &resolver);
  void guard_signing(const GuardSentence &guard, Relay &relay);

  const Sentences &sentences_;
  std::span<const SourceFile> sources_;
  UnixSeconds now_;
  Reporter &reporter_;
  Model model_;
  std::unordered_map<std::string_view, Named> names_;
  /// Who has an address: a host, or a zone's gateway.
  struct Taken {
    Place place;
    const Host *host = nullptr;
  };
  std::map<Ip, Taken> addresses_;
  std::map<Mac, Place> macs_;
  std::vector<bool> is_second_; // of zones: declared before, so that its items are not looked at
  std::vector<std::vector<Place>> network_places_; // as Model::zones, each as Zone::networks
  std::map<std::string_view, std::vector<ZoneId>> ports_;
  std::vector<std::vector<Part>> sets_;
  std::vector<std::vector<Service>> services_;
  std::vector<Networks> zone_networks_, host_networks_;
  std::size_t unfolded_ = 0; // services of all sentences
  std::unordered_map<std::string, Place> relay_names_;
  std::map<std::pair<ZoneId, std::uint16_t>, Place> listening_;
  std::map<std::pair<ZoneId, std::string>, Place> recipients_;
  std::map<std::uint32_t, std::string> notes_; // by number of the source: Plan::note_words
  std::map<std::uint32_t, std::shared_ptr<const DomainList>> lists_; // the same
};

} // namespace sekisho::rules
