// The compiled policy: immutable, swapped whole.  The only thing the gateway asks.
#pragma once

#include "base/address.hh"
#include "base/clock.hh"
#include "rules/subject.hh"
#include "sanitizer/job/job.hh"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rules {

struct Zone {
  std::string name;
  std::string port; // "0000:05:00.0", a kernel interface, …: what gateway/port opens
  std::vector<Network> networks;
  std::optional<Ip> address; // the gateway's own, on the zone's tap
  bool closed = false;       // My Number, オフライン事務系: 特定通信 only (Z3)
  bool outside = false;      // the internet side: no packet crosses to or from it (Z3, Z4)
};

struct Host {
  std::string name;
  ZoneId zone = no_zone;
  Ip address;
  std::optional<Mac> mac;
};

/// Who answers for a rule: the rule file is the ledger of permitted flows (特定通信台帳, Z7).
struct Ledger {
  std::string purpose; // for "…"
  std::string owner;
  std::string approved;
  std::optional<UnixSeconds> until; // the last permitted second: end of that day in Japan (UTC+9)
};

struct PortRange {
  std::uint16_t first = 0, last = 0; // both inclusive
};

/// One permitted flow or group of flows: any of `from` to any of `to`.
struct Permit {
  struct End {
    std::string name; // as written: a host, a zone, a network
    ZoneId zone = no_zone;
    std::vector<Network> networks; // a host is its one address
  };
  std::uint8_t protocol = 0;    // tcp, udp, or icmp: echo requests only, ICMPv6 too
  std::vector<PortRange> ports; // of the destination; none: all
  std::vector<End> from, to;
  Ledger ledger;
  RuleId rule = no_rule;
};

/// One mail relay (design: relay mail from … to …).
struct Relay {
  std::string name;
  ZoneId from = no_zone, to = no_zone;
  std::uint16_t listen_port = 25;      // on the `from` zone's address
  std::vector<std::string> recipients; // lower case: "*@town.example.lg.jp" or a whole address
  Ip next_hop;
  std::uint16_t next_hop_port = 25;
  std::uint64_t size_limit = 20u << 20; // octets of one mail (M3)
  job::Plan plan;
  Ledger ledger;
  RuleId rule = no_rule;
};

class RuleSet {
public:
  virtual ~RuleSet() = default;

  virtual const std::vector<Zone> &zones() const = 0;
  virtual const std::vector<Host> &hosts() const = 0;
  virtual const std::vector<Permit> &permits() const = 0;
  virtual const std::vector<Relay> &relays() const = 0;
  /// By RuleId: "three-zones.rules:14", the base name and line of the sentence.
  virtual const std::vector<std::string> &labels() const = 0;
  /// SHA-256 of the canonical text, 64 hex digits: names this policy in the record.
  virtual const std::string &hash() const = 0;

  /// Thread-safe, no allocation.  `now` decides expiry.
  virtual Decision decide(const PacketSubject &subject, UnixSeconds now) const = 0;

  std::optional<ZoneId> zone_named(std::string_view name) const;
  /// The zone whose networks contain the address (longest prefix).
  virtual std::optional<ZoneId> zone_of(const Ip &ip) const = 0;
  /// The listed host with this address, or nothing.
  virtual const Host *host_at(const Ip &ip) const = 0;
  /// The relay that serves this recipient for clients of this zone; expired ones do not (Z7).
  /// `recipient`: the address without angle brackets, any case.  Errors: relay_denied,
  /// mail_rule_expired.
  Reason relay_for(ZoneId from, std::string_view recipient, UnixSeconds now,
                   const Relay **relay) const;
};

} // namespace sekisho::rules
