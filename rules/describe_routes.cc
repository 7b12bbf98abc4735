// The way out of a relay in words.
#include "rules/describe.hh"

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

std::string how_long(std::uint64_t seconds) {
  constexpr std::uint64_t hour = 3600, day = 86'400;
  return seconds % day == 0 ? fmt::format("{} days", seconds / day) : fmt::format("{} hours", seconds / hour);
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
  if (routes.retry_seconds > 0) text += fmt::format("  tried for {}\n", how_long(routes.retry_seconds));
  for (const std::string &sender : routes.bounce_to) text += fmt::format("  a failure is told to {}\n", sender);
  if (routes.delay_notice_seconds > 0)
    text += fmt::format("  a delay is told after {}\n", how_long(routes.delay_notice_seconds));
  return text;
}

} // namespace sekisho::rules
