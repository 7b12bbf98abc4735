#include "gateway/path/policy.hh"

#include <algorithm>
#include <tuple>

namespace sekisho::path {
namespace {

auto order_of(const rules::Host *host) { return std::tuple(host->zone, *host->mac); }

} // namespace

Policy::Policy(std::shared_ptr<const rules::RuleSet> rules, std::size_t cores)
    : rules_(std::move(rules)) {
  for (std::size_t core = 0; core < cores; ++core)
    hits_.push_back(std::make_shared<Hits>(rules_->labels().size()));
  for (const rules::Host &host : rules_->hosts())
    if (host.mac) by_mac_.push_back(&host);
  std::ranges::sort(by_mac_, {}, order_of);
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

bool Policy::is_gateway_address(const Ip &ip) const {
  return std::ranges::any_of(rules_->zones(),
                             [&](const rules::Zone &zone) { return zone.address == ip; });
}

const rules::Host *Policy::host_with(rules::ZoneId zone, const Mac &mac) const {
  auto found = std::ranges::lower_bound(by_mac_, std::tuple(zone, mac), {}, order_of);
  bool is_it = found != by_mac_.end() && order_of(*found) == std::tuple(zone, mac);
  return is_it ? *found : nullptr;
}

} // namespace sekisho::path
