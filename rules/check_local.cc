// Local sentences: what reaches the gateway's own kernel, and what leaves it.
#include "rules/calendar.hh"
#include "rules/checker.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {

void Checker::local(const LocalSentence &said) {
  Local local;
  local.leaves = said.leaves;
  local.rule = label(said.keyword);
  std::vector<Side> sides;
  services(said.services, local.services);
  resolve(said.hosts, local.hosts, sides);
  for (const Side &side : sides)
    local_host(said, local, side);
  for (std::size_t i = 0; i < said.services.size(); ++i) {
    const ServiceItem &item = said.services[i];
    bool has_ports =
        item.is_name || item.word.text == "icmp" || item.word.text == "vrrp" || !item.ports.empty();
    if (has_ports) continue;
    reporter_.error(item.word.place, "what the gateway offers or asks for has a port", "Z2").help =
        fmt::format("write  local {} port 22 …", item.word.text);
  }
  local.ledger = ledger(said.ledger, said.keyword, said.whole, "local sentence");
  local.schedule = schedule(said.conditions.get());
  if (local.schedule) never_in_force(*said.conditions->during, *local.schedule, local.ledger);
  model_.locals.push_back(std::move(local));
}

void Checker::local_host(const LocalSentence &said, const Local &local, const Side &side) {
  const Zone &zone = model_.zones[side.zone];
  const ZoneSentence &zone_said = sentences_.zones[side.zone];
  if (!zone_said.address) {
    Diagnostic &error = reporter_.error(
        side.word->place, fmt::format("the gateway has no address in zone '{}'", zone.name));
    error.related.push_back({zone_said.name.place, "no address here"});
    error.help = fmt::format("add  address …  to zone '{}'", zone.name);
    return;
  }
  if (zone.address && side.host && side.host->address == *zone.address) return;
  bool is_vrrp_only =
      std::all_of(local.services.begin(), local.services.end(),
                  [](const Service &one) { return one.protocol == protocol::vrrp; });
  bool is_icmp_or_vrrp =
      std::all_of(local.services.begin(), local.services.end(), [](const Service &one) {
        return one.protocol == protocol::vrrp || one.protocol == protocol::icmp;
      });
  bool is_zone = !side.is_set && !side.host && side.word->text == zone.name;
  if (said.leaves && is_vrrp_only) return; // the group of the zone
  if (zone.closed) {
    exception_end(side, side.zone,
                  said.leaves ? "what the gateway sends into" : "what reaches the gateway from");
  } else if (is_zone && !(is_icmp_or_vrrp && !is_vrrp_only) && !local.services.empty()) {
    reporter_
        .error(side.word->place,
               fmt::format("a local sentence names hosts, not the whole zone '{}'", zone.name),
               "Z2")
        .help = "name the devices that manage the gateway or stand beside it; ping may come from "
                "a zone";
  }
}

} // namespace sekisho::rules
