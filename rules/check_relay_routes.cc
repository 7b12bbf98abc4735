// Of a relay: may it deliver there, is its security what it says, and can whom it tells be reached?
#include "rules/checker.hh"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_hops = 16, max_pins = 16, max_bounce_to = 1000;
constexpr std::uint64_t most_weight = 100, most_connections = 100, most_mails = 1'000'000;

/// "sha256:" and 44 characters of base64: the 32 octets.
std::optional<std::string> read_pin(std::string_view text) {
  constexpr std::string_view kind = "sha256:";
  if (!text.starts_with(kind) || text.size() != kind.size() + 44) return std::nullopt;
  text.remove_prefix(kind.size());
  std::array<unsigned char, 33> octets;
  const auto *characters = reinterpret_cast<const unsigned char *>(text.data());
  if (text[43] != '=' || text[42] == '=' || EVP_DecodeBlock(octets.data(), characters, 44) != 33) return std::nullopt;
  std::array<unsigned char, 45> again;
  EVP_EncodeBlock(again.data(), octets.data(), 32);
  if (std::string_view(reinterpret_cast<const char *>(again.data()), 44) != text) return std::nullopt;
  return std::string(reinterpret_cast<const char *>(octets.data()), 32);
}

std::uint32_t value_of(const std::optional<Amount> &said) { return said ? static_cast<std::uint32_t>(said->value) : 0; }

} // namespace

void Checker::relay_routes(const RelaySentence &said, Relay &relay) {
  relay_hops(said, relay);
  relay_hop_limits(said.routes, relay.routes);
  relay_tls(said.routes, relay);
  relay_login(said.routes, relay);
  relay_bounces(said, relay);
}

void Checker::relay_hops(const RelaySentence &said, Relay &relay) {
  const std::vector<NextHopItem> &hops = said.routes.hops;
  if (hops.empty()) {
    if (!said.whole) return;
    reporter_.error(said.keyword, "a relay must say which server takes the mail").help =
        fmt::format("add  next-hop ADDRESS  in zone '{}'", zone_name(relay.to));
    return;
  }
  if (hops.size() > max_hops)
    reporter_.error(hops[max_hops].server.place, fmt::format("more than {} next hops", max_hops));
  for (const NextHopItem &item : hops) {
    NextHop hop;
    if (!next_hop(said, item.server, relay, hop.address)) continue;
    if (item.port) hop.port = item.port->first;
    if (item.weight) {
      in_range(*item.weight, 1, most_weight, "1 to 100");
      hop.weight = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(item.weight->value, 1, most_weight));
    }
    hop.backup = item.backup.has_value();
    for (const NextHop &earlier : relay.routes.hops)
      if (earlier.address == hop.address && earlier.port == hop.port)
        reporter_.error(item.server.place, "this next hop is named already").help = "name each server once";
    relay.routes.hops.push_back(hop);
  }
  if (std::ranges::all_of(hops, [](const NextHopItem &item) { return item.backup.has_value(); }))
    reporter_.error(*hops.front().backup, "every next hop is a backup").help = "take  backup  away from the preferred one";
  if (relay.routes.hops.empty()) return; // reported
  relay.next_hop = relay.routes.hops.front().address;
  relay.next_hop_port = relay.routes.hops.front().port;
}

/// False: reported.
bool Checker::next_hop(const RelaySentence &said, const Word &word, const Relay &relay, Ip &address) {
  const Zone &to = model_.zones[relay.to];
  auto found = names_.find(word.text);
  const Host *host = nullptr;
  if (found != names_.end() && found->second.what == Named::What::host) {
    host = &model_.hosts[found->second.index];
    if (host->zone == no_zone) return false; // reported at the host
    address = host->address;
  } else if (std::optional<Ip> ip = parse_ip(word.text)) {
    address = *ip;
    host = host_at(*ip);
  } else {
    std::vector<std::string_view> hosts;
    for (const Host &listed : model_.hosts)
      hosts.push_back(listed.name);
    reporter_.error(word.place, fmt::format("'{}' is no host and no address", clip(word.text, 40)))
        .help = did_you_mean(word.text, hosts, "write an address or the name of a host");
    return false;
  }
  if (zone_of(model_.zones, address) != relay.to) {
    Diagnostic &error =
        reporter_.error(word.place, fmt::format("the next hop is not in zone '{}'", to.name), "Z4");
    error.related.push_back({said.to.place, "the mail goes here"});
    error.help = "the next hop stands in the zone the relay leads to";
    return false;
  }
  if (!is_usable(word, address)) return false;
  for (const Zone &zone : model_.zones)
    if (zone.address == address)
      reporter_.error(word.place, "the next hop is the gateway itself").help =
          "a mail would go round for ever; name the mail server behind the gateway";
  if (to.closed && (!host || !host->mac)) {
    Diagnostic &error = reporter_.error(
        word.place,
        fmt::format("a relay into zone '{}' needs a next hop with listed address and MAC", to.name),
        "Z3");
    why_closed(error, relay.to);
    error.help = host ? fmt::format("add  mac …  to host '{}'", host->name)
                      : fmt::format("declare it:  host NAME {{ zone {}  address {}  mac … }}",
                                    to.name, to_string(address));
  }
  return true;
}

void Checker::relay_hop_limits(const RoutesSentence &said, RoutesRule &routes) {
  if (said.connections) in_range(*said.connections, 1, most_connections, "1 to 100");
  if (said.mails_per_connection) in_range(*said.mails_per_connection, 1, most_mails, "1 to 1,000,000");
  if (said.mails_per_minute) in_range(*said.mails_per_minute, 1, most_mails, "1 to 1,000,000");
  routes.connections = value_of(said.connections);
  routes.mails_per_connection = value_of(said.mails_per_connection);
  routes.mails_per_minute = value_of(said.mails_per_minute);
}

void Checker::relay_tls(const RoutesSentence &said, Relay &relay) {
  RoutesRule &routes = relay.routes;
  if (!said.tls) return;
  routes.tls = said.tls->text == "required"  ? NextHopTls::required
               : said.tls->text == "offered" ? NextHopTls::offered
                                             : NextHopTls::off;
  const bool is_checked = !said.pins.empty() || said.authority;
  if (is_checked && routes.tls != NextHopTls::required) {
    reporter_.error(said.pins.empty() ? said.authority->place : said.pins.front().place,
                    "a certificate shows nothing where TLS may be left out")
        .help = "write  next-hop-tls required …";
    return;
  }
  if (said.certificate_name && !said.authority)
    reporter_.error(said.certificate_name->place, "a name needs an authority that vouches for it").help =
        "write  authority \"/etc/sekisho/mail-ca.pem\" name \"…\"";
  if (!is_checked && routes.tls == NextHopTls::required)
    reporter_.warning(said.tls->place, "whose certificate it is is not asked").help =
        "add  pin \"sha256:…\"  or  authority \"/etc/sekisho/mail-ca.pem\"";
  if (said.pins.size() > max_pins) reporter_.error(said.pins[max_pins].place, fmt::format("more than {} pins", max_pins));
  for (const Word &word : said.pins) {
    std::optional<std::string> pin = read_pin(word.text);
    if (pin) routes.pins.push_back(std::move(*pin));
    else reporter_.error(word.place, fmt::format("\"{}\" is no pin", clip(word.text, 60))).help =
        "a pin is sha256: and 44 characters, the SHA-256 of the certificate's public key in base64";
  }
  if (said.authority) relay_authority(*said.authority, relay);
  if (said.certificate_name) routes.certificate_name = lower_case(said.certificate_name->text);
}

void Checker::relay_authority(const Word &path, Relay &relay) {
  const SourceFile *found = file_named(path, "authority \"/etc/sekisho/mail-ca.pem\"", "");
  if (!found) return;
  if (found->text.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    reporter_.error(path.place, "there is no certificate in this file").help =
        "it holds the issuers' certificates in PEM, between -----BEGIN CERTIFICATE----- and -----END CERTIFICATE-----";
    return;
  }
  if (found->text.find("PRIVATE KEY-----") != std::string::npos) {
    reporter_.error(path.place, "there is a private key in this file").help =
        "only certificates belong there: what rules name is kept with them";
    return;
  }
  relay.routes.authority = found->text;
}

void Checker::relay_login(const RoutesSentence &said, Relay &relay) {
  if (!said.login || !said.password) return;
  if (relay.routes.tls != NextHopTls::required || (said.pins.empty() && !said.authority)) {
    reporter_.error(said.login->place, "a password goes only to a server that has shown who it is").help =
        "add  next-hop-tls required pin \"sha256:…\"  or  authority \"…\"";
    return;
  }
  if (said.login->text.empty() || said.login->text.size() > 255)
    reporter_.error(said.login->place, "a user's name has 1 to 255 octets");
  if (!is_whole_path(said.password->text)) {
    reporter_.error(said.password->place, "this is not the whole path of a file").help =
        "the password stands alone in a file that only root may read:  password \"/etc/sekisho/next-hop.password\"";
    return;
  }
  relay.routes.login_user = said.login->text;
  relay.routes.password_file = said.password->text;
}

/// Anybody outside can write any sender: whoever is told there may have sent nothing (backscatter).
void Checker::relay_bounces(const RelaySentence &said, Relay &relay) {
  if (said.routes.bounce_to.empty()) return;
  const Word &first = said.routes.bounce_to.front();
  if (relay.from != no_zone && model_.zones[relay.from].outside) {
    Diagnostic &error = reporter_.error(first.place, "senders outside are not told of failures");
    error.related.push_back({said.from.place, "outside"});
    error.help = "anybody there can write any sender; the mail is held instead";
    return;
  }
  if (said.routes.bounce_to.size() > max_bounce_to)
    reporter_.error(said.routes.bounce_to[max_bounce_to].place, fmt::format("more than {} senders", max_bounce_to));
  for (const Word &word : said.routes.bounce_to)
    if (recipient(word)) relay.routes.bounce_to.push_back(lower_case(word.text));
}

/// What is told goes back by a relay in the other direction; without one it would reach nobody.
void Checker::bounce_ways() {
  const auto goes_back = [&](const Relay &relay, const std::string &sender) {
    const std::string domain = fmt::format("*{}", sender.substr(sender.rfind('@')));
    return std::ranges::any_of(model_.relays, [&](const Relay &back) {
      const auto takes = [&](const std::string &pattern) { return pattern == sender || pattern == domain; };
      return back.from == relay.to && back.to == relay.from && std::ranges::any_of(back.recipients, takes);
    });
  };
  for (std::size_t i = 0; i < model_.relays.size(); ++i) {
    const Relay &relay = model_.relays[i];
    if (relay.from == no_zone || relay.to == no_zone) continue;
    for (const Word &word : sentences_.relays[i].routes.bounce_to) {
      const std::string sender = lower_case(word.text);
      if (std::ranges::count(relay.routes.bounce_to, sender) == 0 || goes_back(relay, sender)) continue;
      reporter_.error(word.place, fmt::format("no relay takes mail to \"{}\" from zone '{}' to zone '{}'", sender,
                                              zone_name(relay.to), zone_name(relay.from)))
          .help = fmt::format("a notice goes back by one: add  relay mail from {} to {} {{ recipients \"{}\" … }}",
                              zone_name(relay.to), zone_name(relay.from), sender);
    }
  }
}

} // namespace sekisho::rules
