// The compiled policy: immutable, swapped whole.  The only thing the gateway asks.
#pragma once

#include "base/address.hh"
#include "base/clock.hh"
#include "base/result.hh"
#include "rules/relay_door.hh"
#include "rules/relay_guard.hh"
#include "rules/relay_hold.hh"
#include "rules/relay_patience.hh"
#include "rules/relay_routes.hh"
#include "rules/subject.hh"
#include "sanitizer/job/job.hh"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rules {

/// IEEE 802.1Q tags of a zone on a shared port; 0: none.  `inner` only behind an `outer` (QinQ).
struct VlanTag {
  std::uint16_t outer = 0, inner = 0;
  bool operator==(const VlanTag &) const = default;
};

struct Zone {
  std::string name;
  std::string port; // "0000:05:00.0", a kernel interface, …: what gateway/port opens
  std::vector<Network> networks;
  std::optional<Ip> address; // the gateway's own, on the zone's tap
  bool closed = false;       // My Number, オフライン事務系: 特定通信 only (Z3)
  bool outside = false;      // the internet side: no packet crosses to or from it (Z3, Z4)
  VlanTag vlan;
  std::uint16_t mtu = 0;       // octets of IP; 0: 1500
  bool drop_fragments = false; // else reassembled before a decision

  /// Whether one of its networks contains the address; a narrower one of another zone may contain it too
  /// (RuleSet::zone_of).
  bool has(const Ip &ip) const {
    for (const Network &network : networks)
      if (network.contains(ip)) return true;
    return false;
  }
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
  std::optional<UnixSeconds>
      since; // the first permitted second: begin of that day in Japan (UTC+9)
  std::optional<UnixSeconds> until; // the last permitted second: end of that day in Japan (UTC+9)
};

struct PortRange {
  std::uint16_t first = 0, last = 0; // both inclusive
};

/// What the record keeps of a permitted flow.
enum class FlowLog : std::uint8_t {
  none,
  opened,
  ended, // its opening and its end
};

/// 0: no limit (Z8).
struct Limits {
  std::uint32_t connections = 0, source_connections = 0; // at once: of the rule, of each source
  std::uint32_t new_per_second = 0, source_new_per_second = 0; // flows
  std::uint32_t packets_per_second = 0;                        // of the rule
  std::uint64_t bits_per_second = 0;                           // of the rule
  bool any() const { return *this != Limits{}; }
  bool operator==(const Limits &) const = default;
};

/// Hours of days in Japan (UTC+9).  From `from_minute` of a listed day up to, not including,
/// `to_minute`, of the next day when that is not later.
struct Schedule {
  std::uint8_t days = 0;                        // bit 0: Monday
  std::uint16_t from_minute = 0, to_minute = 0; // of the day; to_minute at most 1440
  auto operator<=>(const Schedule &) const = default;
  bool covers(UnixSeconds time) const;
  /// The next second, after `time`, at which a listed stretch begins or is over.
  UnixSeconds next_change(UnixSeconds time) const;
};

/// The ICMP messages that can be listed, each by name.  An echo request is answered; the others go
/// one way.
enum class IcmpKind : std::uint8_t { echo, timestamp, timestamp_reply };

/// One kind of flow, as its first packet shows it.
struct Service {
  std::string name;             // of the declared service it comes from, or empty
  std::uint8_t protocol = 0;    // tcp, udp, icmp (ICMPv6 too), vrrp
  std::vector<PortRange> ports; // of the destination; none: all
  IcmpKind kind = IcmpKind::echo;
};

/// Hosts or networks of one zone at one side of a sentence.  A set that spans zones is one End a
/// zone.
struct End {
  std::string name; // as written: a host, a set, a zone, a network
  ZoneId zone = no_zone;
  bool whole_zone = false;                              // a zone is named
  std::shared_ptr<const std::vector<Network>> networks; // a host is its one address; never null
};

/// One permitted flow or group of flows: any of `from` to any of `to`.  Of several permits that
/// list a flow the first written that is in force answers.
struct Permit {
  using End = rules::End;
  std::vector<Service> services;
  std::vector<End> from, to;
  Ledger ledger;
  std::optional<Schedule> schedule;
  Limits limits;
  FlowLog log = FlowLog::opened;
  RuleId rule = no_rule;
};

/// What may reach the gateway's own kernel in a zone (management, a peer's VRRP), or leave it.
struct Local {
  bool leaves = false; // the kernel opens the flow; else the hosts do
  std::vector<Service> services;
  std::vector<End> hosts;
  Ledger ledger;
  std::optional<Schedule> schedule;
  RuleId rule = no_rule;
};

/// The virus scanner that must call a mail clean before it is treated (H5).
struct ScanRule {
  std::string socket;                 // absolute path, at most 107 octets (unix(7))
  std::uint32_t definitions_days = 3; // older definitions are as good as none; 0: any
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
  std::optional<ScanRule> scan;
  DoorRule door;
  GuardRule guard;
  RoutesRule routes;
  PatienceRule patience;
  HoldRule hold;
  Ledger ledger;
  RuleId rule = no_rule;
};

/// Whether one of the patterns, as Relay::recipients has them, names this address, in any case.
bool lists_address(const std::vector<std::string> &patterns, std::string_view address);

class RuleSet {
public:
  virtual ~RuleSet() = default;

  virtual const std::vector<Zone> &zones() const = 0;
  virtual const std::vector<Host> &hosts() const = 0;
  virtual const std::vector<Permit> &permits() const = 0;
  virtual const std::vector<Relay> &relays() const = 0;
  virtual const std::vector<Local> &locals() const = 0;
  /// By RuleId: "three-zones.rules:14", the base name and line of the sentence.
  virtual const std::vector<std::string> &labels() const = 0;
  /// SHA-256 of the canonical text, 64 hex digits: names this policy in the record.
  virtual const std::string &hash() const = 0;

  /// Thread-safe, no allocation.  `now` decides expiry.
  virtual Decision decide(const PacketSubject &subject, UnixSeconds now) const = 0;
  /// The same of several at once, which wait for memory together; `decisions` has as many places.
  virtual void decide(std::span<const PacketSubject> subjects, UnixSeconds now,
                      Decision *decisions) const = 0;

  /// Null for relays and local sentences, which have no limits.
  virtual const Permit *permit_of(RuleId rule) const = 0;
  /// The next second, after `now`, at which an expiry or a schedule may change a verdict.
  virtual UnixSeconds next_change(UnixSeconds now) const = 0;

  std::optional<ZoneId> zone_named(std::string_view name) const;
  /// The zone that a person typed.  Errors: there is none of that name; which one may be meant, and which there are.
  Result<ZoneId> zone_typed(std::string_view name) const;
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
