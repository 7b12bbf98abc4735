// Who is at an address: its zone, its host, and which networks of the rules it lies in.  IPv4 is asked of a trie,
// IPv6 of a hash table: one question for a listed address, one a prefix length for any other.
#pragma once

#include "rules/flat_table.hh"
#include "rules/ruleset.hh"
#include "rules/trie4.hh"

#include <array>

namespace sekisho::rules {

/// A network, address or zone that rules speak of.  Nodes of one zone form a tree: its root is the
/// zone, a node lies in its parent.
using NodeId = std::uint32_t;
constexpr NodeId no_node = 0xffffffff;

class Atlas {
public:
  struct Record { // four to a cache line
    NodeId node = no_node;
    std::uint32_t host = no_host; // index into Model::hosts
    Mac mac;                      // of the host, where it is listed with one
    ZoneId zone = no_zone;
    bool has_mac : 1 = false;
    bool is_gateway : 1 = false;   // the gateway's own address
    bool is_broadcast : 1 = false; // first or last address of an IPv4 network of the zone
  };
  static_assert(sizeof(Record) == 16);
  static constexpr std::uint32_t no_host = 0xffffffff;

  /// Before build(): a network that rules speak of, which lies whole in this zone.
  void add(ZoneId zone, const Network &network);
  void build(const std::vector<Zone> &zones, const std::vector<Host> &hosts);

  /// Of the record, only zone and node say anything when the address itself is not listed.
  /// Null: it lies in no zone.
  const Record *at(const Ip &ip) const {
    std::uint32_t number = ip.is_v4() ? v4_.at(ip.v4()) : at_v6(ip);
    return number == 0 ? nullptr : &records_[number];
  }
  NodeId root(ZoneId zone) const { return zone; }
  /// After build(), of a network that was added.
  NodeId node_of(const Network &network) const;
  /// no_node for a root.
  const std::vector<NodeId> &parents() const { return parents_; }

private:
  struct alignas(32) Slot { // half a cache line
    Network network;
    bool in_use = false;
    std::uint32_t record = 0;
    bool is(const Network &other) const {
      return network.prefix == other.prefix && network.address == other.address;
    }
    bool is_empty() const { return !in_use; }
    std::uint64_t hash() const { return hash_of(network); }
  };
  static std::uint64_t hash_of(const Network &network) {
    auto words = network.address.words();
    return mix((words[0] + network.prefix) * 0x9e3779b97f4a7c15u + words[1]);
  }
  /// The prefix lengths that occur in IPv6, longest first, with the bits they keep.
  struct Length {
    std::array<std::uint64_t, 2> mask; // as the words of an Ip
    std::uint8_t prefix;
  };
  std::uint32_t at_v6(const Ip &ip) const;
  std::uint32_t find(const Network &network) const;
  void index(const std::vector<std::pair<Network, Record>> &records);

  std::vector<std::pair<ZoneId, Network>> added_;
  std::vector<Record> records_; // the first is nobody's
  FlatTable<Slot> table_;
  std::vector<Length> lengths_;
  Trie4 v4_;
  std::vector<NodeId> parents_;
};

/// Of the zones, the one whose network contains the address most closely.
std::optional<ZoneId> zone_of(const std::vector<Zone> &zones, const Ip &ip);

} // namespace sekisho::rules
