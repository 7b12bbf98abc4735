#include "gateway/relay/policy.hh"

#include <algorithm>

namespace sekisho::relay {

void Policy::set_severed(std::string_view names) {
  severed_.clear();
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    if (end > 0) severed_.emplace(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

std::string Policy::zone_name(rules::ZoneId zone) const {
  return zone < rules_->zones().size() ? rules_->zones()[zone].name : std::string();
}

bool Policy::is_open(const rules::Relay &relay) const {
  return !is_severed(zone_name(relay.from)) && !is_severed(zone_name(relay.to));
}

const rules::Relay *Policy::relay_named(const std::string &name) const {
  for (const rules::Relay &relay : rules_->relays())
    if (relay.name == name) return &relay;
  return nullptr;
}

smtp::Route Policy::route(const std::string &zone, std::string_view recipient, UnixSeconds now) {
  std::optional<rules::ZoneId> from = rules_->zone_named(zone);
  if (!from) return {};
  const rules::Relay *relay = nullptr;
  const Reason reason = rules_->relay_for(*from, recipient, now, &relay);
  if (reason != Reason::none || !relay) return {reason == Reason::none ? Reason::relay_denied : reason, 0, 0};
  return {Reason::none, number_of(relay->name), relay->size_limit};
}

std::size_t Policy::number_of(const std::string &name) {
  auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) found = names_.insert(names_.end(), name);
  return static_cast<std::size_t>(found - names_.begin());
}

std::uint64_t Policy::size_limit(const std::string &zone) const {
  std::uint64_t largest = 0;
  for (const rules::Relay &relay : rules_->relays())
    if (zone_name(relay.from) == zone) largest = std::max(largest, relay.size_limit);
  return largest;
}

bool Policy::serves(const std::string &zone, std::uint16_t port) const {
  return std::any_of(rules_->relays().begin(), rules_->relays().end(), [&](const rules::Relay &relay) {
    return zone_name(relay.from) == zone && relay.listen_port == port;
  });
}

} // namespace sekisho::relay
