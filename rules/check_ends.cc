// The ends of sentences: hosts, sets, zones, networks and addresses as the networks they are.
#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {

namespace {
bool is_known_device(const Host *host) {
  return host && host->mac;
}
} // namespace

/// What it holds, by zone; networks sorted, each once.
void Checker::set(const SetSentence &said, std::vector<Part> &parts) {
  std::map<ZoneId, std::vector<Network>> by_zone;
  std::map<ZoneId, const Word *> unknown;
  for (const Word &member : said.members) {
    auto found = names_.find(member.text);
    if (found != names_.end() && found->second.what != Named::What::host) {
      reporter_.error(member.place, fmt::format("'{}' cannot be in a set", member.text)).help =
          "a set holds hosts, networks and addresses";
      continue;
    }
    std::vector<End> ends;
    std::vector<Side> sides;
    if (!resolve(member, ends, sides)) continue;
    ZoneId zone = ends[0].zone;
    by_zone[zone].push_back(ends[0].networks->front());
    if (!is_known_device(sides[0].host)) unknown.try_emplace(zone, &member);
  }
  for (auto &[zone, networks] : by_zone) {
    std::sort(networks.begin(), networks.end());
    networks.erase(std::unique(networks.begin(), networks.end()), networks.end());
    auto shared = std::make_shared<const std::vector<Network>>(std::move(networks));
    auto known = unknown.find(zone);
    parts.push_back({zone, std::move(shared), known == unknown.end() ? nullptr : known->second});
  }
}

bool Checker::resolve(const std::vector<Word> &words, std::vector<End> &ends,
                      std::vector<Side> &sides) {
  bool known = true;
  ends.reserve(words.size());
  for (const Word &word : words)
    known = resolve(word, ends, sides) && known;
  return known;
}

bool Checker::resolve(const Word &word, std::vector<End> &ends, std::vector<Side> &sides) {
  End end;
  end.name = word.text;
  Side side{.word = &word};
  auto found = names_.find(word.text);
  if (found == names_.end()) {
    if (word.text.find_first_of(".:/") == std::string_view::npos) return unknown_name(word);
    if (!network_end(word, end, side)) return false;
  } else if (found->second.what == Named::What::zone) {
    end.zone = side.zone = static_cast<ZoneId>(found->second.index);
    end.whole_zone = true;
    end.networks = zone_networks_[end.zone];
  } else if (found->second.what == Named::What::host) {
    const Host &host = model_.hosts[found->second.index];
    if (host.zone == no_zone) return false; // reported at the host
    side.host = &host;
    end.zone = side.zone = host.zone;
    end.networks = networks_of(host);
  } else if (found->second.what == Named::What::set) {
    for (const Part &part : sets_[found->second.index]) {
      ends.push_back({end.name, part.zone, false, part.networks});
      sides.push_back({&word, nullptr, part.zone, true, part.unknown});
    }
    return !sets_[found->second.index].empty(); // else reported at the set
  } else {
    Diagnostic &error =
        reporter_.error(word.place, fmt::format("'{}' is a service, not a host", word.text));
    error.related.push_back({found->second.place, "declared here"});
    error.help = "services stand before 'from'";
    return false;
  }
  ends.push_back(std::move(end));
  sides.push_back(side);
  return true;
}

bool Checker::unknown_name(const Word &word) {
  std::vector<std::string_view> known;
  for (const auto &[name, named] : names_)
    if (named.what != Named::What::service) known.push_back(name);
  std::sort(known.begin(), known.end());
  reporter_.error(word.place, fmt::format("no host or zone '{}'", clip(word.text, 40))).help =
      did_you_mean(word.text, known,
                   fmt::format("declare it:  host {} {{ zone …  address …  mac … }}", word.text));
  return false;
}

Checker::Networks Checker::networks_of(const Host &host) {
  Networks &networks = host_networks_[static_cast<std::size_t>(&host - model_.hosts.data())];
  if (!networks)
    networks = std::make_shared<const std::vector<Network>>(1, Network{host.address, 128});
  return networks;
}

bool Checker::network_end(const Word &word, End &into, Side &side) {
  std::optional<Network> network;
  if (word.text.find('/') != std::string_view::npos) {
    network = parse_network(word.text);
  } else if (std::optional<Ip> ip = parse_ip(word.text)) {
    network = Network{*ip, 128};
  }
  if (!network) {
    reporter_
        .error(word.place,
               fmt::format("'{}' is no host, zone, network or address", clip(word.text, 50)))
        .help = "write a name, 10.1.0.0/24 or 10.1.0.11; bits behind the prefix are zero";
    return false;
  }
  std::optional<ZoneId> zone = zone_of(model_.zones, network->address);
  bool whole = false;
  if (zone)
    for (const Network &of_zone : model_.zones[*zone].networks)
      whole = whole || (of_zone.prefix <= network->prefix && of_zone.contains(network->address));
  if (!whole) {
    reporter_.error(word.place, fmt::format("{} lies in no zone", word.text)).help =
        "an end of a permit lies whole in one zone's network";
    return false;
  }
  into.zone = side.zone = *zone;
  // An address written out means its host.
  side.host = network->prefix == 128 ? host_at(network->address) : nullptr;
  into.networks = side.host ? networks_of(*side.host)
                            : std::make_shared<const std::vector<Network>>(1, *network);
  return true;
}

} // namespace sekisho::rules
