#include "gateway/path/policy.hh"

#include "gateway/path/plain.hh"

#include <algorithm>
#include <bit>
#include <tuple>

namespace sekisho::path {
namespace {

auto order_of(const rules::Host *host) { return std::tuple(host->zone, *host->mac); }

std::uint64_t bit_of(const Mac &mac) { return number_of(mac) * 0x9e3779b97f4a7c15 >> 32; }

/// FNV-1a over what a sentence says.
class Digest {
public:
  Digest &operator<<(std::uint64_t number) {
    for (int i = 0; i < 8; ++i) add(static_cast<std::uint8_t>(number >> 8 * i));
    return *this;
  }
  Digest &operator<<(std::string_view text) {
    *this << text.size();
    for (char c : text) add(static_cast<std::uint8_t>(c));
    return *this;
  }
  std::uint64_t value() const { return value_; }

private:
  void add(std::uint8_t octet) { value_ = (value_ ^ octet) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

RuleIdentity digest_of(const rules::Permit &permit) {
  Digest digest;
  for (const rules::Service &service : permit.services) {
    digest << service.name << service.protocol << static_cast<std::uint64_t>(service.kind)
           << service.ports.size();
    for (const rules::PortRange &range : service.ports) digest << range.first << range.last;
  }
  for (const auto *ends : {&permit.from, &permit.to}) {
    digest << ends->size();
    for (const rules::Permit::End &end : *ends) {
      digest << end.name << end.zone << end.networks->size();
      for (const Network &network : *end.networks)
        digest << network.address.words()[0] << network.address.words()[1] << network.prefix;
    }
  }
  const rules::Limits &limits = permit.limits;
  digest << limits.connections << limits.source_connections << limits.new_per_second
         << limits.source_new_per_second << limits.packets_per_second << limits.bits_per_second;
  digest << permit.ledger.purpose << permit.ledger.owner << permit.ledger.approved;
  return digest.value();
}

} // namespace

Policy::Policy(std::shared_ptr<const rules::RuleSet> rules, std::size_t cores)
    : rules_(std::move(rules)) {
  for (std::size_t core = 0; core < cores; ++core) {
    hits_.push_back(std::make_shared<Hits>(rules_->labels().size()));
    neighbours_.push_back(std::make_unique<Neighbours::Table>(Neighbours::table_of(*rules_)));
  }
  for (const rules::Host &host : rules_->hosts())
    if (host.mac) by_mac_.push_back(&host);
  std::ranges::sort(by_mac_, {}, order_of);
  listed_macs_.resize(std::bit_ceil(by_mac_.size() / 4 + 1)); // sixteen bits a host
  for (const rules::Host *host : by_mac_) {
    std::uint64_t bit = bit_of(*host->mac);
    listed_macs_[bit / 64 % listed_macs_.size()] |= std::uint64_t{1} << bit % 64;
  }
  for (const rules::Permit &permit : rules_->permits())
    if (permit.limits.any()) identities_[permit.rule] = digest_of(permit);
  for (const rules::Local &local : rules_->locals())
    for (const rules::Service &service : local.services)
      for (const rules::End &end : local.hosts)
        if (local.leaves && service.protocol == rules::protocol::vrrp && end.zone < rules::max_zones)
          vrrp_zones_ |= 1u << end.zone;
}

Neighbours::Table &Policy::neighbours(std::size_t core) const {
  Neighbours::Table &table = *neighbours_[core];
  if (table.is_used) table = Neighbours::table_of(*rules_); // taken a second time
  return table;
}

RuleTotal Policy::total(rules::RuleId rule) const {
  RuleTotal total;
  for (const std::shared_ptr<Hits> &hits : hits_) {
    const RuleHits &here = (*hits)[rule];
    total.packets += here.packets.value();
    total.octets += here.octets.value();
    total.last_used = std::max(total.last_used, here.last_used.load(std::memory_order_relaxed));
  }
  return total;
}

bool Policy::is_shared_address(rules::ZoneId zone, const Ip &ip) const {
  if (!(vrrp_zones_ >> zone & 1) || rules_->host_at(ip)) return false;
  return std::ranges::any_of(rules_->zones()[zone].networks,
                             [&](const Network &network) { return network.contains(ip); });
}

bool Policy::is_gateway_address(const Ip &ip) const {
  return std::ranges::any_of(rules_->zones(),
                             [&](const rules::Zone &zone) { return zone.address == ip; });
}

bool Policy::may_be_listed(const Mac &mac) const {
  std::uint64_t bit = bit_of(mac);
  return listed_macs_[bit / 64 % listed_macs_.size()] >> bit % 64 & 1;
}

const rules::Host *Policy::host_with(rules::ZoneId zone, const Mac &mac) const {
  if (!may_be_listed(mac)) return nullptr;
  auto found = std::ranges::lower_bound(by_mac_, std::tuple(zone, mac), {}, order_of);
  bool is_it = found != by_mac_.end() && order_of(*found) == std::tuple(zone, mac);
  return is_it ? *found : nullptr;
}

bool Policy::may_have(rules::ZoneId zone, const Mac &mac, const Ip &ip) const {
  if (!may_be_listed(mac)) return true;
  bool is_bound = false; // to another address of this kind
  auto listed = std::ranges::lower_bound(by_mac_, std::tuple(zone, mac), {}, order_of);
  for (; listed != by_mac_.end() && order_of(*listed) == std::tuple(zone, mac); ++listed) {
    if ((*listed)->address == ip) return true;
    is_bound = is_bound || (*listed)->address.is_v4() == ip.is_v4();
  }
  return !is_bound;
}

bool Policy::is_listed_elsewhere(rules::ZoneId zone, const Mac &mac) const {
  if (!may_be_listed(mac) || host_with(zone, mac)) return false;
  for (rules::ZoneId other = 0; other < rules_->zones().size(); ++other)
    if (host_with(other, mac)) return true;
  return false;
}

RuleIdentity Policy::identity_of(const rules::Permit &permit) const {
  auto found = identities_.find(permit.rule);
  return found == identities_.end() ? 0 : found->second;
}

} // namespace sekisho::path
