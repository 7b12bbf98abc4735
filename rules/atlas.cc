#include "rules/atlas.hh"

#include <algorithm>

namespace sekisho::rules {
namespace {

/// The first bits of an address, as its words lie in memory.
std::array<std::uint64_t, 2> mask_of(unsigned prefix) {
  auto first = [](unsigned bits) {
    return bits == 0 ? 0 : __builtin_bswap64(~std::uint64_t{0} << (64 - bits));
  };
  return {first(std::min(prefix, 64u)), first(prefix > 64 ? prefix - 64 : 0)};
}

/// What a network or address is to somebody, before all are put together.
struct Mention {
  Network network;
  ZoneId of_zone = no_zone;      // it is a network of this zone
  ZoneId broadcast_of = no_zone; // it is the first or last address of a network of this zone
  ZoneId node_in = no_zone;      // rules of this zone speak of it
  std::uint32_t host = Atlas::no_host;
  bool is_gateway = false;
};

bool precedes(const Mention &a, const Mention &b) {
  if (a.network.address != b.network.address) return a.network.address < b.network.address;
  return a.network.prefix < b.network.prefix;
}

/// The first and last address of an IPv4 network mean the network, not a host.
void mention_broadcasts(const Network &network, ZoneId zone, std::vector<Mention> &into) {
  if (!network.address.is_v4() || network.prefix <= 96 || network.prefix > 126) return;
  std::uint32_t host_bits = 0xffffffffu >> (network.prefix - 96);
  for (std::uint32_t address : {network.address.v4(), network.address.v4() | host_bits})
    into.push_back({.network = {Ip::from_v4(address), 128}, .broadcast_of = zone});
}

} // namespace

std::optional<ZoneId> zone_of(const std::vector<Zone> &zones, const Ip &ip) {
  std::optional<ZoneId> best;
  unsigned best_prefix = 0;
  for (std::size_t i = 0; i < zones.size(); ++i) {
    for (const Network &network : zones[i].networks) {
      if (!network.contains(ip) || (best && network.prefix <= best_prefix)) continue;
      best = static_cast<ZoneId>(i);
      best_prefix = network.prefix;
    }
  }
  return best;
}

void Atlas::add(ZoneId zone, const Network &network) {
  added_.emplace_back(zone, network);
}

void Atlas::build(const std::vector<Zone> &zones, const std::vector<Host> &hosts) {
  std::vector<Mention> mentions;
  mentions.reserve(added_.size() + hosts.size() + 4 * zones.size());
  for (std::size_t i = 0; i < zones.size(); ++i) {
    ZoneId zone = static_cast<ZoneId>(i);
    for (const Network &network : zones[i].networks) {
      mentions.push_back({.network = network, .of_zone = zone});
      mention_broadcasts(network, zone, mentions);
    }
    if (zones[i].address)
      mentions.push_back({.network = {*zones[i].address, 128}, .is_gateway = true});
  }
  for (std::size_t i = 0; i < hosts.size(); ++i)
    mentions.push_back({.network = {hosts[i].address, 128}, .host = static_cast<std::uint32_t>(i)});
  for (const auto &[zone, network] : added_)
    mentions.push_back({.network = network, .node_in = zone});
  std::vector<std::pair<ZoneId, Network>>().swap(added_);
  std::stable_sort(mentions.begin(), mentions.end(), precedes);

  // Networks are met before what lies in them: those around the present one are on a stack.
  struct Around {
    Network network;
    ZoneId of_zone, node_in;
    NodeId node;
  };
  std::vector<Around> around;
  std::vector<std::pair<Network, Record>> records;
  parents_.assign(zones.size(), no_node);
  for (std::size_t i = 0; i < mentions.size();) {
    const Network network = mentions[i].network;
    Around here{network, no_zone, no_zone, no_node};
    Record record;
    std::uint32_t broadcast_of = 0; // zones, as bits
    for (; i < mentions.size() && mentions[i].network == network; ++i) {
      const Mention &mention = mentions[i];
      if (mention.of_zone != no_zone) here.of_zone = mention.of_zone;
      if (mention.node_in != no_zone) here.node_in = mention.node_in;
      if (mention.broadcast_of != no_zone) broadcast_of |= 1u << mention.broadcast_of;
      if (mention.host != no_host && record.host == no_host) record.host = mention.host;
      record.is_gateway |= mention.is_gateway;
    }
    while (!around.empty() && !around.back().network.contains(network.address))
      around.pop_back();
    record.zone = here.of_zone;
    for (auto outer = around.rbegin(); record.zone == no_zone && outer != around.rend(); ++outer)
      record.zone = outer->of_zone;
    if (record.zone == no_zone) continue; // nobody's
    NodeId parent = root(record.zone);
    for (auto outer = around.rbegin(); outer != around.rend(); ++outer)
      if (outer->node_in == record.zone) {
        parent = outer->node;
        break;
      }
    record.node = parent;
    if (here.node_in == record.zone) {
      record.node = here.node = static_cast<NodeId>(parents_.size());
      parents_.push_back(parent);
    }
    record.is_broadcast = (broadcast_of >> record.zone & 1) != 0;
    if (record.host != no_host && hosts[record.host].mac) {
      record.has_mac = true;
      record.mac = *hosts[record.host].mac;
    }
    records.emplace_back(network, record);
    if (network.prefix < 128) around.push_back(here);
  }

  index(records);
}

/// Records of networks come before those of what lies in them.
void Atlas::index(const std::vector<std::pair<Network, Record>> &records) {
  constexpr Network all_v4{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0}}, 96};
  std::array<bool, 128> occurs{};
  records_.reserve(records.size() + 1);
  records_.emplace_back();
  table_.reserve(records.size());
  for (const auto &[network, record] : records) {
    auto number = static_cast<std::uint32_t>(records_.size());
    records_.push_back(record);
    table_.insert({network, true, number});
    bool is_v4 = network.prefix >= 96 && network.address.is_v4();
    if (is_v4) v4_.add(network.address.v4(), network.prefix - 96u, number);
    else if (network.contains(all_v4.address)) v4_.add(0, 0, number);
    if (!is_v4 && network.prefix < 128) occurs[network.prefix] = true;
  }
  for (unsigned prefix = 128; prefix-- > 0;)
    if (occurs[prefix]) lengths_.push_back({mask_of(prefix), static_cast<std::uint8_t>(prefix)});
}

std::uint32_t Atlas::find(const Network &network) const {
  const Slot *slot = table_.find(network, hash_of(network));
  return slot ? slot->record : 0;
}

/// The address itself, else the narrowest network around it: the longest prefix first.
std::uint32_t Atlas::at_v6(const Ip &ip) const {
  if (std::uint32_t number = find({ip, 128})) return number;
  const auto words = ip.words();
  for (const Length &length : lengths_) {
    std::array<std::uint64_t, 2> kept = {words[0] & length.mask[0], words[1] & length.mask[1]};
    Network network{{std::bit_cast<std::array<std::uint8_t, 16>>(kept)}, length.prefix};
    if (std::uint32_t number = find(network)) return number;
  }
  return 0;
}

NodeId Atlas::node_of(const Network &network) const {
  std::uint32_t number = find(network);
  return number == 0 ? no_node : records_[number].node;
}

} // namespace sekisho::rules
