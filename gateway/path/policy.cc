#include "gateway/path/policy.hh"

#include <algorithm>
#include <tuple>

namespace sekisho::path {
namespace {

auto order_of(const rules::Host *host) { return std::tuple(host->zone, *host->mac); }

} // namespace

Policy::Policy(std::shared_ptr<const rules::RuleSet> rules)
    : rules_(std::move(rules)), rule_count_(rules_->labels().size()), hits_(new Tally[rule_count_]) {
  for (const rules::Host &host : rules_->hosts())
    if (host.mac) by_mac_.push_back(&host);
  std::ranges::sort(by_mac_, {}, order_of);
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
