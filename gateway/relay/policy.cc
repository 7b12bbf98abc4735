#include "gateway/relay/policy.hh"

#include "rules/mail_pattern.hh"
#include "rules/text.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::relay {
namespace {

/// The plan as the sanitizer is told of it: what is the same there is treated the same.
Buffer made_by(const rules::Relay &relay) {
  job::Job job;
  job.plan = relay.plan;
  ByteWriter writer;
  writer.put_bytes(job::encode_head(job));
  writer.put_counted(relay.scan ? relay.scan->socket : std::string());
  writer.put_u32(relay.scan ? relay.scan->definitions_days : 0);
  for (const std::string &user : relay.hold.original_by) writer.put_counted(user);
  return writer.take();
}

bool is_in(const std::vector<Network> &networks, const Ip &ip) {
  return std::any_of(networks.begin(), networks.end(), [&](const Network &network) { return network.contains(ip); });
}

} // namespace

bool is_client(const rules::DoorRule &door, const Ip &client) {
  return door.clients.empty() ? !is_balancer(door, client) : is_in(door.clients, client); // a balancer brings others' mail
}

bool is_balancer(const rules::DoorRule &door, const Ip &ip) { return is_in(door.balancers, ip); }

void Policy::set_rules(std::shared_ptr<const rules::RuleSet> rules) {
  rules_ = std::move(rules);
  ++rules_number_;
  std::map<std::string, Treatment> treatments;
  for (const rules::Relay &relay : rules_->relays()) {
    Treatment now{made_by(relay), 0};
    const auto before = treatments_.find(relay.name);
    const bool is_same = before != treatments_.end() && before->second.made_by == now.made_by;
    now.number = is_same ? before->second.number : ++last_treatment_;
    treatments.insert_or_assign(relay.name, std::move(now));
  }
  for (const auto &[name, before] : treatments_) missing_.try_emplace(name, std::chrono::steady_clock::now());
  for (const auto &[name, now] : treatments) missing_.erase(name);
  treatments_ = std::move(treatments);
}

std::uint64_t Policy::treatment_number(const std::string &relay) const {
  const auto found = treatments_.find(relay);
  return found == treatments_.end() ? 0 : found->second.number;
}

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
  return !is_severed(zone_name(relay.from)) && !is_severed(zone_name(relay.to)) && !is_stopped(relay.name);
}

const rules::Relay *Policy::relay_named(const std::string &name) const {
  for (const rules::Relay &relay : rules_->relays())
    if (relay.name == name) return &relay;
  return nullptr;
}

std::chrono::steady_clock::time_point Policy::missing_since(const std::string &relay) const {
  const auto found = missing_.find(relay);
  return found == missing_.end() ? begun_ : found->second;
}

std::string Policy::no_such_relay(const std::string &typed) const {
  std::vector<std::string_view> names;
  for (const rules::Relay &relay : rules_->relays()) names.push_back(relay.name);
  return rules::none_called("relay", typed, names);
}

const rules::Relay *Policy::relay_at(const std::string &zone, std::uint16_t port) const {
  for (const rules::Relay &relay : rules_->relays())
    if (relay.listen_port == port && zone_name(relay.from) == zone) return &relay;
  return nullptr;
}

/// A relay's own words hold at every door of its zone: who is refused at its own port has no way round by another.
smtp::Route Policy::route(const std::string &zone, std::uint16_t port, const Ip &client, const smtp::Offer &offer,
                          UnixSeconds now) {
  std::optional<rules::ZoneId> from = rules_->zone_named(zone);
  if (!from) return {};
  const std::string recipient = text::with_ascii_domain(offer.recipient);
  const rules::Relay *relay = nullptr;
  Reason reason = rules_->relay_for(*from, recipient, now, &relay);
  if (reason == Reason::none && !relay) reason = Reason::relay_denied;
  if (reason != Reason::none) return {reason, 0, 0};
  const rules::DoorRule &door = relay->door;
  const bool is_known = offer.tls && offer.tls->is_client_known && relay->listen_port == port; // by its own issuers
  if (!is_client(door, client)) reason = Reason::client_unlisted;
  else if (!rules::takes_sender(door, text::with_ascii_domain(offer.from))) reason = Reason::sender_unlisted;
  else if (door.tls == rules::DoorTls::required && !offer.tls) reason = Reason::tls_required;
  else if (!door.client_ca.empty() && !is_known) reason = Reason::client_certificate_bad;
  else if (is_stopped(relay->name)) reason = Reason::breaker_tripped;
  else reason = rules::judge_destination(relay->guard, recipient);
  return {reason, number_of(relay->name), relay->size_limit};
}

bool Policy::is_own_side(const rules::Relay &relay, std::string_view address) const {
  const std::string ascii = text::with_ascii_domain(address);
  return std::ranges::any_of(rules_->relays(), [&](const rules::Relay &one) {
    return (one.from == relay.from && rules::lists_address(one.recipients, ascii)) ||
           (one.to == relay.from && one.from != relay.from && rules::lists_address(one.door.senders, ascii));
  });
}

std::string Policy::postmaster(const std::string &zone, std::uint16_t port, const std::string &host_name) const {
  const std::string own = "postmaster@" + lower_case(host_name);
  const auto is_own = [&](const std::string &pattern) { return rules::closeness(pattern, own) > 1; }; // not as anybody
  for (const rules::Relay &relay : rules_->relays())
    if (zone_name(relay.from) == zone && std::ranges::any_of(relay.recipients, is_own)) return own;
  if (const rules::Relay *relay = relay_at(zone, port); relay && !rules_->zones()[relay->to].outside)
    for (const std::string &pattern : relay->recipients)
      if (pattern.starts_with("*@")) return "postmaster" + pattern.substr(1);
  return {};
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

} // namespace sekisho::relay
