// What the parts of the check share (check.cc zones and hosts, check_permit.cc, check_relay.cc).
#pragma once

#include "rules/check.hh"

#include <map>
#include <unordered_map>

namespace sekisho::rules {

constexpr std::size_t max_networks = 64;  // of one zone
constexpr std::size_t max_zone_name = 12; // the kernel side is sk-NAME: 15 characters, IFNAMSIZ

class Checker {
public:
  Checker(const Sentences &sentences, std::span<const SourceFile> sources, UnixSeconds now,
          Reporter &reporter)
      : sentences_(sentences), sources_(sources), now_(now), reporter_(reporter) {}

  Model run();

private:
  struct Named {
    enum class What : std::uint8_t { zone, host } what;
    std::size_t index;
    Place place;
  };
  /// One resolved end of a permit.
  struct End {
    const Word *word = nullptr;
    const Host *host = nullptr; // when a host is named
    ZoneId zone = no_zone;
  };

  // check.cc
  void declare_zones();
  void declare_hosts();
  bool declare(const Word &name, Named::What what, std::size_t index);
  void zone(const ZoneSentence &said, Zone &zone);
  void zone_kind(const ZoneSentence &said, Zone &zone);
  void zone_port(const ZoneSentence &said, Zone &zone);
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

  // check_permit.cc
  void permit(const PermitSentence &said);
  std::optional<End> end(const Word &word, Permit::End &into);
  std::optional<End> network_end(const Word &word, Permit::End &into);
  bool zones_may_meet(const PermitSentence &said, const std::vector<End> &from,
                      const std::vector<End> &to);
  bool pair_may_meet(const End &from, const End &to);
  void exception(const PermitSentence &said, const std::vector<End> &from,
                 const std::vector<End> &to);
  void exception_end(const End &end, ZoneId closed);
  Ledger ledger(const LedgerItems &said, const Place &sentence, bool whole, std::string_view what);
  void ledger_until(const LedgerItems &said, const Place &sentence, bool whole, ZoneId closed);
  RuleId label(const Place &place);

  // check_relay.cc
  void relay(const RelaySentence &said);
  void relay_zones(const RelaySentence &said, const Relay &relay);
  void relay_name(const RelaySentence &said, Relay &relay);
  void relay_recipients(const RelaySentence &said, Relay &relay);
  bool recipient(const Word &word);
  void relay_next_hop(const RelaySentence &said, Relay &relay);
  void relay_listen(const RelaySentence &said, Relay &relay);
  void relay_plan(const RelaySentence &said, Relay &relay);
  std::optional<job::Treatment> treatment(const Word &word, std::string_view of,
                                          const std::vector<job::Treatment> &offered);
  void in_range(const RelaySentence::Amount &amount, std::uint64_t least, std::uint64_t most,
                std::string_view allowed);

  const Sentences &sentences_;
  std::span<const SourceFile> sources_;
  UnixSeconds now_;
  Reporter &reporter_;
  Model model_;
  std::unordered_map<std::string, Named> names_;
  /// Who has an address: a host, or a zone's gateway.
  struct Taken {
    Place place;
    const Host *host = nullptr;
  };
  std::map<Ip, Taken> addresses_;
  std::map<Mac, Place> macs_;
  std::vector<bool> is_second_; // of zones: declared before, so that its items are not looked at
  std::vector<std::vector<Place>> network_places_; // as Model::zones, each as Zone::networks
  std::map<std::string, Place> ports_;
  std::unordered_map<std::string, Place> relay_names_;
  std::map<std::pair<ZoneId, std::uint16_t>, Place> listening_;
  std::map<std::pair<ZoneId, std::string>, Place> recipients_;
};

} // namespace sekisho::rules
