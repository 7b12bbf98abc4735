// The door of a relay: who may hand in mail (M1), how fast (Z8), by which security.
#include "rules/checker.hh"
#include "rules/mail_pattern.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_senders = 1000;       // patterns of one relay
constexpr std::uint64_t most_connections = 1500; // the relay's descriptors
constexpr std::uint64_t most_a_minute = 1'000'000;
constexpr std::uint64_t most_recipients = 10'000;
constexpr std::uint64_t most_errors = 1000;
constexpr std::uint64_t most_tarpit = 60;     // seconds; a client waits 5 minutes for a reply (RFC 5321 §4.5.3.2)
constexpr std::uint64_t most_greylist = 3600; // seconds; RFC 6647 §4.1

} // namespace

void Checker::relay_door(const DoorSentence &said, Relay &relay) {
  door_ends(said.clients, "may hand in mail", relay, relay.door.clients);
  door_ends(said.balancers, "is a balancer of this relay", relay, relay.door.balancers);
  door_senders(said, relay);
  door_tls(said, relay);
  for (const DoorLimitItem &item : said.limits)
    door_limit(item, relay.door);
  if (said.tarpit) {
    in_range(*said.tarpit, 1, most_tarpit, "1 s to 60 s");
    relay.door.tarpit = static_cast<std::uint32_t>(said.tarpit->value);
  }
  if (said.greylist) {
    in_range(*said.greylist, 1, most_greylist, "1 s to 3600 s");
    relay.door.greylist = static_cast<std::uint32_t>(said.greylist->value);
  }
}

void Checker::door_ends(const std::vector<Word> &said, std::string_view what, const Relay &relay,
                        std::vector<Network> &into) {
  std::vector<End> ends;
  std::vector<Side> sides;
  if (relay.from == no_zone || !resolve(said, ends, sides)) return;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    if (ends[i].zone == relay.from) {
      into.insert(into.end(), ends[i].networks->begin(), ends[i].networks->end());
      continue;
    }
    reporter_.error(sides[i].word->place,
                    fmt::format("'{}' is not in zone '{}'", sides[i].word->text, zone_name(relay.from)), "M1")
        .help = fmt::format("who {} stands in the zone that it comes from", what);
  }
}

void Checker::door_senders(const DoorSentence &said, Relay &relay) {
  if (said.senders.size() > max_senders) {
    reporter_.error(said.senders[max_senders].place, fmt::format("more than {} senders", max_senders));
    return;
  }
  for (const Word &word : said.senders) {
    std::string pattern = lower_case(word.text);
    if (is_mail_pattern(pattern)) {
      relay.door.senders.push_back(std::move(pattern));
      continue;
    }
    reporter_.error(word.place, fmt::format("\"{}\" is no sender", clip(word.text, 60))).help =
        is_mail_domain(pattern) ? fmt::format("write  \"*@{}\"", pattern)
                                : "write \"*@town.example.lg.jp\" for a whole domain or one address, in ASCII";
  }
}

/// Whether they can be used is seen where they are read, as root.
void Checker::door_tls(const DoorSentence &said, Relay &relay) {
  if (!said.tls || !said.certificate || !said.key) return;
  relay.door.tls = said.tls->text == "required" ? DoorTls::required : DoorTls::offered;
  const auto path = [&](const Word &word, std::string &into) {
    into = word.text;
    if (!into.starts_with('/') || into.size() < 2)
      reporter_.error(word.place, "this is not the whole path of a file").help = "write  \"/etc/sekisho/mail.crt\"";
  };
  path(*said.certificate, relay.door.certificate);
  path(*said.key, relay.door.key);
  if (!said.client_ca) return;
  path(*said.client_ca, relay.door.client_ca);
  if (relay.door.tls == DoorTls::offered)
    reporter_.error(said.tls->place, "who is asked for a certificate must not get by without TLS").help =
        "write  tls required";
}

void Checker::door_limit(const DoorLimitItem &item, DoorRule &door) {
  using What = DoorLimitItem::What;
  const auto take = [&](std::uint32_t &into, std::uint64_t most) {
    in_range({item.value, item.place}, 1, most, fmt::format("1 to {}", most));
    into = static_cast<std::uint32_t>(std::min(item.value, most));
  };
  switch (item.what) {
  case What::connections: return take(door.connections, most_connections);
  case What::source_connections: return take(door.source_connections, most_connections);
  case What::net_connections: return take(door.net_connections, most_connections);
  case What::connections_a_minute: return take(door.connections_a_minute, most_a_minute);
  case What::mails_a_minute: return take(door.mails_a_minute, most_a_minute);
  case What::recipients_a_minute: return take(door.recipients_a_minute, most_a_minute);
  case What::recipients_a_mail: return take(door.recipients_a_mail, most_recipients);
  case What::errors_a_session: return take(door.errors_a_session, most_errors);
  }
}

} // namespace sekisho::rules
