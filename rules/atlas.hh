// Who is at an address: its zone, its host, and which networks of the rules it lies in.  One
// question to a hash table for a listed address, one a prefix length for any other.
#pragma once

#include "rules/flat_table.hh"
#include "rules/ruleset.hh"

#include <array>

namespace sekisho::rules {

/// A network, address or zone that rules speak of.  Nodes of one zone form a tree: its root is the
/// zone, a node lies in its parent.
using NodeId = std::uint32_t;
constexpr NodeId no_node = 0xffffffff;

class Atlas {
public:
  struct alignas(32) Record { // half a cache line
    Ip address; // bits beyond the prefix are zero
    NodeId node = no_node;
    std::uint32_t host = no_host; // index into Model::hosts
    ZoneId zone = no_zone;
    std::uint8_t prefix = 0;
    bool is_gateway = false;   // the gateway's own address
    bool is_broadcast = false; // first or last address of an IPv4 network of the zone
    bool in_use = false;
    bool is(const Network &network) const {
      return prefix == network.prefix && address == network.address;
    }
    bool is_empty() const { return !in_use; }
    std::uint64_t hash() const { return hash_of({address, prefix}); }
  };
  static constexpr std::uint32_t no_host = 0xffffffff;
  static std::uint64_t hash_of(const Network &network) {
    auto words = network.address.words();
    return mix((words[0] + network.prefix) * 0x9e3779b97f4a7c15u + words[1]);
  }

  /// Before build(): a network that rules speak of, which lies whole in this zone.
  void add(ZoneId zone, const Network &network);
  void build(const std::vector<Zone> &zones, const std::vector<Host> &hosts);

  /// Of the record, only zone and node say anything when the address itself is not listed.
  /// Null: it lies in no zone.
  const Record *at(const Ip &ip) const;
  void prefetch(const Ip &ip) const { table_.prefetch(hash_of({ip, 128})); }
  NodeId root(ZoneId zone) const { return zone; }
  /// After build(), of a network that was added.
  NodeId node_of(const Network &network) const;
  /// no_node for a root.
  const std::vector<NodeId> &parents() const { return parents_; }

private:
  /// The prefix lengths that occur, longest first, with the bits they keep.
  struct Length {
    std::array<std::uint64_t, 2> mask; // as the words of an Ip
    std::uint8_t prefix;
  };
  using Lengths = std::vector<Length>;
  const Record *narrowest(const Ip &ip, const Lengths &lengths) const;

  std::vector<std::pair<ZoneId, Network>> added_;
  FlatTable<Record> table_;
  Lengths v4_, v6_;
  std::vector<NodeId> parents_;
};

/// Of the zones, the one whose network contains the address most closely.
std::optional<ZoneId> zone_of(const std::vector<Zone> &zones, const Ip &ip);

} // namespace sekisho::rules
