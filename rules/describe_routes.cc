// The way out of a relay in words.
#include "rules/describe.hh"

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

std::string how_long(std::uint64_t seconds) {
  constexpr std::pair<std::uint64_t, std::string_view> units[] = {{86'400, "day"}, {3600, "hour"}, {60, "minute"}};
  for (const auto &[factor, word] : units)
    if (seconds % factor == 0) return fmt::format("{} {}{}", seconds / factor, word, seconds == factor ? "" : "s");
  return fmt::format("{} s", seconds);
}

/// Nothing where it is as it is without a word.
std::string tries(const PatienceRule &patience) {
  PatienceRule usual;
  usual.delay_notice = patience.delay_notice;
  if (patience == usual) return {};
  return fmt::format("  tried again after {}, then less and less often, at least every {}, for {}\n", how_long(patience.first_wait),
                     how_long(patience.longest_wait), how_long(patience.give_up));
}

std::string tls_words(const RoutesRule &routes) {
  if (routes.tls == NextHopTls::off) return {};
  if (routes.tls == NextHopTls::offered) return "  by TLS where the next hop offers it\n";
  std::string text = "  by TLS only";
  if (!routes.pins.empty()) text += fmt::format(", with one of {} pinned keys", routes.pins.size());
  if (!routes.authority.empty())
    text += fmt::format(", with a certificate of the authority to {}",
                        routes.certificate_name.empty() ? "its address" : routes.certificate_name);
  if (!routes.login_user.empty()) text += fmt::format(", as user \"{}\"", routes.login_user);
  return text + "\n";
}

} // namespace

std::string way_out(const Relay &relay) {
  const RoutesRule &routes = relay.routes;
  std::string text;
  if (routes.hops.size() > 1)
    for (const NextHop &hop : routes.hops)
      text += fmt::format("  next-hop {} port {}  {}weight {}\n", to_string(hop.address), hop.port,
                          hop.backup ? "backup  " : "", hop.weight);
  if (routes.connections > 0) text += fmt::format("  at most {} connections to a next hop\n", routes.connections);
  if (routes.mails_per_connection > 0)
    text += fmt::format("  at most {} mails per connection\n", routes.mails_per_connection);
  if (routes.mails_per_minute > 0)
    text += fmt::format("  at most {} mails per minute to a next hop\n", routes.mails_per_minute);
  text += tls_words(routes);
  text += tries(relay.patience);
  for (const std::string &sender : routes.bounce_to) text += fmt::format("  a failure is told to {}\n", sender);
  if (relay.patience.delay_notice > 0)
    text += fmt::format("  a delay is told after {}\n", how_long(relay.patience.delay_notice));
  return text;
}

} // namespace sekisho::rules
