#include "gateway/relay/routes.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::relay {
namespace {

smtp::ClientTls tls_of(rules::NextHopTls tls) {
  switch (tls) {
  case rules::NextHopTls::off: return smtp::ClientTls::off;
  case rules::NextHopTls::offered: return smtp::ClientTls::offered;
  case rules::NextHopTls::required: break;
  }
  return smtp::ClientTls::required;
}

HopWay way_to(const rules::NextHop &hop, const rules::RoutesRule &rule, const std::string &password,
              const RelaySettings &settings) {
  HopWay way;
  way.endpoint = endpoint_of(hop.address, hop.port);
  way.connections = rule.connections > 0 ? rule.connections : settings.deliveries_a_relay;
  way.mails_per_connection = rule.mails_per_connection;
  way.mails_per_minute = rule.mails_per_minute;
  way.tls = tls_of(rule.tls);
  way.trust = {rule.pins, rule.authority, rule.certificate_name, to_string(hop.address)};
  way.user = rule.login_user;
  way.password = password;
  return way;
}

/// All its recipients were refused before it was asked: it does not offer what the mail needs.
bool is_unable(const Delivery &delivery) {
  return delivery.reason == Reason::none && !delivery.answers.empty() &&
         std::ranges::all_of(delivery.answers, [](const smtp::Answer &answer) {
           return answer.reason == Reason::next_hop_unable;
         });
}

bool was_not_reached(const Delivery &delivery) { return delivery.reason != Reason::none && !delivery.may_be_taken; }

} // namespace

std::string words_of(const Tcp::endpoint &endpoint) {
  return fmt::format("{}:{}", endpoint.address().to_string(), endpoint.port());
}

void Routes::set_relay(const rules::Relay &relay, const std::map<std::string, std::string> &passwords) {
  const auto found = passwords.find(relay.routes.password_file);
  const std::string password = found == passwords.end() ? std::string() : found->second;
  if (!hops_.empty() && rule_ == relay.routes && password_ == password) return;
  rule_ = relay.routes;
  password_ = password;
  std::vector<SharedHop> before = std::move(hops_);
  hops_.clear();
  for (const rules::NextHop &said : rule_.hops) {
    const auto same = std::ranges::find_if(before, [&](const SharedHop &hop) {
      return hop && hop->said.address == said.address && hop->said.port == said.port;
    });
    SharedHop hop = same == before.end() ? std::make_shared<Hop>() : std::exchange(*same, nullptr);
    if (!hop->courier) hop->courier = std::make_unique<Courier>(loop_, settings_);
    hop->said = said;
    hop->courier->set_way(way_to(said, rule_, password_, settings_));
    hops_.push_back(std::move(hop));
  }
  for (SharedHop &gone : before)
    if (gone) former_.push_back(std::move(gone));
}

/// Preferred ones by weight, then backups, then whoever could not be reached lately, in the same order.  Whether one is back
/// costs one mail its time, not all of them.
std::vector<Routes::SharedHop> Routes::order() {
  const auto now = SteadyClock::now();
  const auto is_away = [now](const Hop &hop) { return hop.away_until > now || (hop.failures > 0 && hop.is_tried); };
  std::vector<SharedHop> order;
  for (const bool away : {false, true})
    for (const bool backup : {false, true}) {
      std::vector<SharedHop> group;
      for (const SharedHop &hop : hops_)
        if (hop->said.backup == backup && is_away(*hop) == away) group.push_back(hop);
      add_by_weight(std::move(group), order);
    }
  return order;
}

/// Smooth weighted round robin: whoever has waited for his share longest goes first.
void Routes::add_by_weight(std::vector<SharedHop> group, std::vector<SharedHop> &order) const {
  if (group.empty()) return;
  std::int64_t total = 0;
  for (const SharedHop &hop : group) {
    hop->credit += hop->said.weight;
    total += hop->said.weight;
  }
  std::ranges::stable_sort(group, [](const SharedHop &a, const SharedHop &b) { return a->credit > b->credit; });
  group.front()->credit -= total;
  order.insert(order.end(), group.begin(), group.end());
}

/// One outage is one failure, however many mails meet it: what was asked before it was over says nothing new.
void Routes::put_away(Hop &hop, SteadyClock::time_point asked) const {
  if (asked < hop.away_until) return;
  constexpr std::size_t most_doublings = 4;
  const double times = static_cast<double>(1u << std::min(hop.failures++, most_doublings));
  hop.away_until = SteadyClock::now() + steady(settings_.hop_away * times);
}

bool Routes::has(const Hop *hop) const {
  return std::ranges::any_of(hops_, [hop](const SharedHop &one) { return one.get() == hop; });
}

Task<Attempt> Routes::deliver(smtp::Outgoing outgoing, Courier::MayGo may_go) {
  std::vector<SharedHop> order = this->order();
  const std::uint64_t cuts = cuts_;
  Attempt attempt, unreached, withheld;
  withheld.delivery.withheld = true;
  if (!order.empty()) attempt = withheld;
  for (const SharedHop &hop : order) {
    smtp::Outgoing copy = outgoing;
    Courier::MayGo may_go_there = [this, &may_go, one = hop.get()] { return has(one) && may_go(); };
    const std::string next_hop = words_of(hop->courier->next_hop());
    const bool tries = hop->failures > 0 && !hop->is_tried;
    hop->is_tried |= tries;
    const auto asked = SteadyClock::now();
    Delivery delivery = co_await hop->courier->deliver(std::move(copy), std::move(may_go_there), hop == order.back());
    if (tries) hop->is_tried = false;
    if (delivery.withheld && !may_go()) co_return withheld;
    if (delivery.withheld) continue; // this one left the rules
    attempt = {std::move(delivery), next_hop};
    if (cuts != cuts_) break;
    if (was_not_reached(attempt.delivery)) {
      put_away(*hop, asked);
      unreached = attempt;
      continue;
    }
    hop->failures = 0;
    hop->away_until = {};
    if (!is_unable(attempt.delivery)) co_return attempt;
  }
  // One that could not be asked may be able to.
  co_return unreached.delivery.reason != Reason::none && cuts == cuts_ ? unreached : attempt;
}

void Routes::cut() {
  ++cuts_;
  for (const SharedHop &hop : hops_) hop->courier->cut();
  for (const SharedHop &hop : former_) hop->courier->cut();
}

void Routes::watch() {
  for (const SharedHop &hop : hops_) hop->courier->watch();
  for (const SharedHop &hop : former_) hop->courier->watch();
  std::erase_if(former_, [](const SharedHop &hop) { return hop.use_count() == 1 && hop->courier->is_idle(); });
}

std::size_t Routes::in_hand() const {
  std::size_t all = 0;
  for (const SharedHop &hop : hops_) all += hop->courier->in_hand();
  for (const SharedHop &hop : former_) all += hop->courier->in_hand();
  return all;
}

} // namespace sekisho::relay
