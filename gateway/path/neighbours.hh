// Whose MAC the next frame goes to.  Listed hosts have theirs from the rules, for good (Z5).  Others are
// asked for by ARP (RFC 826) or neighbour discovery (RFC 4861) when a permitted flow needs them, and learnt
// from the answer only: what nobody waits for makes no entry.
#pragma once

#include "base/address.hh"
#include "rules/ruleset.hh"

#include <vector>

namespace sekisho::path {

struct Neighbour {
  Ip ip;
  Mac mac;
  rules::ZoneId zone = rules::no_zone;
  bool pinned = false;              // by the rules
  bool known = false;               // mac is valid
  std::uint32_t confirmed_at = 0;   // seconds; when it last said so
  std::uint32_t asked_at = 0;       // 0: never
};

class Neighbours {
public:
  using Index = std::uint16_t;
  static constexpr Index none = 0xffff;
  static constexpr std::size_t max_learnt = 8192;
  static constexpr std::uint32_t refresh_after = 300, forget_after = 600; // seconds

  struct Table {
    std::vector<Neighbour> entries; // the pinned ones first
    std::vector<Index> places;      // open addressing over them, a power of two at least twice their number
    std::size_t pinned = 0;
    bool is_used = false; // by a path; what it learnt is in it
  };
  /// The listed hosts with a MAC, and room for those that will be learnt: what takes long about new rules, to be done
  /// before a path takes them.
  static Table table_of(const rules::RuleSet &rules);
  /// Takes `prepared` and adds what was learnt, unless the rules now say otherwise; `prepared` is the former table
  /// afterwards, and every Index void.
  void adopt(Table &prepared);
  /// The entry of this host, made if need be; none when the table is full.
  Index resolve(rules::ZoneId zone, const Ip &ip);
  const Neighbour &operator[](Index index) const { return table_.entries[index]; }
  /// Whether its MAC can be used now.
  bool is_usable(Index index, std::uint32_t now) const {
    const Neighbour &entry = table_.entries[index];
    return entry.pinned || (entry.known && now - entry.confirmed_at < forget_after);
  }
  /// By Index.
  const Neighbour *entries() const { return table_.entries.data(); }
  /// Whether its MAC can be used and nobody need be asked soon.
  static bool is_fresh(const Neighbour &entry, std::uint32_t now) {
    return entry.pinned || (entry.known && now - entry.confirmed_at < refresh_after);
  }
  /// Whether it is time to ask (at most once a second, and again when the answer is old); notes that it was.
  bool should_ask(Index index, std::uint32_t now) {
    Neighbour &entry = table_.entries[index];
    if (is_fresh(entry, now) || (entry.asked_at != 0 && entry.asked_at == now))
      return false;
    entry.asked_at = now;
    return true;
  }
  /// What was heard and believed (path::Claims).  Only an entry that somebody waits for is written, and another
  /// MAC than the one in use only when `has_moved`.
  void learn(rules::ZoneId zone, const Ip &ip, const Mac &mac, std::uint32_t now, bool has_moved);
  /// The MAC frames for this host go to at present, where it was learnt.
  std::optional<Mac> mac_in_use(rules::ZoneId zone, const Ip &ip, std::uint32_t now) const;
  /// How often a MAC has changed: what was read before is then out of date.
  std::uint32_t changes() const { return changes_; }
  /// Once a second at most: forgets learnt entries nobody confirmed for long, if the table is filling up.
  /// True when it did: every Index is void.
  bool tidy(std::uint32_t now);

private:
  Index find(rules::ZoneId zone, const Ip &ip) const { return find(table_, zone, ip); }
  static Index find(const Table &table, rules::ZoneId zone, const Ip &ip);
  static Index add(Table &table, const Neighbour &neighbour);
  void keep(const std::vector<Neighbour> &entries);

  Table table_;
  std::uint32_t tidied_at_ = 0, changes_ = 0;
};

} // namespace sekisho::path
