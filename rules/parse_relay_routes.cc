// Of a relay: its next hops, the security of the way there, who is told.
#include "rules/parser.hh"

namespace sekisho::rules {
namespace {

constexpr std::string_view limit_help = "write  next-hop-limit 8 connections,  next-hop-limit 100 mails per connection  "
                                        "or  next-hop-limit 600 mails per minute";

} // namespace

/// Nothing: it is not one of the words that are read here.
std::optional<bool> Parser::routes_item(RelaySentence &relay) {
  RoutesSentence &routes = relay.routes;
  if (at_word("next-hop")) return next_hop(routes);
  if (at_word("next-hop-limit")) return next_hop_limit(routes);
  if (at_word("next-hop-tls")) return next_hop_tls(routes);
  if (at_word("next-hop-login")) return next_hop_login(routes);
  if (at_word("bounce")) return bounce(routes);
  return std::nullopt;
}

bool Parser::next_hop(RoutesSentence &routes) {
  NextHopItem hop;
  take();
  if (!value(hop.server, "the address or host that takes the mail")) return false;
  if (take_word("port")) {
    PortItem port;
    if (!port_item(port, false)) return false;
    hop.port = port;
  }
  if (take_word("weight") && !amount(hop.weight, "a weight", plain_number)) return false;
  if (at_word("backup")) hop.backup = take().place;
  routes.hops.push_back(std::move(hop));
  return true;
}

bool Parser::next_hop_limit(RoutesSentence &routes) {
  const Place keyword = take().place;
  std::optional<Amount> count;
  if (!amount(count, "a number", plain_number)) return false;
  std::optional<Amount> *into = nullptr;
  if (take_word("connections")) {
    into = &routes.connections;
  } else if (take_word("mails") && take_word("per")) {
    if (take_word("connection")) into = &routes.mails_per_connection;
    else if (take_word("minute")) into = &routes.mails_per_minute;
  }
  if (!into) return expected("'connections', 'mails per connection' or 'mails per minute'", std::string(limit_help));
  count->place = join(keyword, previous().place);
  if (*into) {
    Diagnostic &error = reporter_.error(count->place, "a second limit of this kind");
    error.related.push_back({(*into)->place, "first here"});
    error.help = "keep one";
    return false;
  }
  *into = count;
  return true;
}

bool Parser::next_hop_tls(RoutesSentence &routes) {
  constexpr std::array<std::string_view, 3> choices = {"off", "offered", "required"};
  if (!once(routes.tls, "next-hop-tls")) return false;
  if (!at_any(choices)) return expected("off, offered or required", did_you_mean(peek().text, choices));
  routes.tls = word_of(take());
  if (take_word("pin")) {
    do {
      std::optional<Word> pin;
      if (!quoted(pin, "pin", "sha256:…")) return false;
      routes.pins.push_back(std::move(*pin));
    } while (take_comma());
  }
  if (take_word("authority") && !quoted(routes.authority, "authority", "/etc/sekisho/mail-ca.pem")) return false;
  if (take_word("name") && !quoted(routes.certificate_name, "name", "mail.town.example.lg.jp")) return false;
  return true;
}

bool Parser::next_hop_login(RoutesSentence &routes) {
  if (!once(routes.login, "next-hop-login") || !quoted(routes.login, "next-hop-login", "gateway")) return false;
  if (!take_word("password")) return expected("'password'", "write  next-hop-login \"gateway\" password \"/etc/sekisho/next-hop.password\"");
  return quoted(routes.password, "password", "/etc/sekisho/next-hop.password");
}

bool Parser::bounce(RoutesSentence &routes) {
  Place first = routes.bounce_to.empty() ? Place{} : routes.bounce_to.front().place;
  if (!once(!routes.bounce_to.empty(), first, "bounce")) return false;
  if (!take_word("to")) return expected("'to'", "write  bounce to \"*@town.example.lg.jp\"");
  do {
    std::optional<Word> pattern;
    if (!quoted(pattern, "bounce to", "*@town.example.lg.jp")) return false;
    routes.bounce_to.push_back(std::move(*pattern));
  } while (take_comma());
  return true;
}

} // namespace sekisho::rules
