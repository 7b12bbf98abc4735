#include "rules/describe.hh"

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

const std::string &text_of(const std::string &pattern) { return pattern; }
std::string text_of(const Network &network) { return to_string(network); }

template <class Item> std::string listed(const std::vector<Item> &items) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < items.size() && i < most; ++i)
    text += (i > 0 ? ", " : "") + text_of(items[i]);
  return items.size() > most ? text + fmt::format(" and {} more", items.size() - most) : text;
}

void limit(std::string &text, std::uint32_t value, std::string_view unit) {
  if (value > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", value, unit);
}

std::string limits(const DoorRule &door) {
  std::string text;
  limit(text, door.connections, "connections");
  limit(text, door.source_connections, "connections per source");
  limit(text, door.net_connections, "connections per net");
  limit(text, door.connections_a_minute, "connections per minute per source");
  limit(text, door.mails_a_minute, "mails per minute per source");
  limit(text, door.recipients_a_minute, "recipients per minute per source");
  limit(text, door.recipients_a_mail, "recipients per mail");
  limit(text, door.errors_a_session, "errors per session");
  return text;
}

} // namespace

std::string senders_of(const DoorRule &door) {
  return listed(door.senders) + (door.senders_unsaid ? " (nothing is said: the own side)" : "");
}

std::string describe(const DoorRule &door) {
  std::string text;
  const auto line = [&](std::string_view what, std::string_view value) { text += fmt::format("  {} {}\n", what, value); };
  if (!door.clients.empty()) line("accepted from", listed(door.clients));
  if (!door.senders.empty()) line("senders", senders_of(door));
  if (!door.balancers.empty()) line("clients are named by", listed(door.balancers));
  line("tls", door.tls == DoorTls::off ? "not offered" : door.tls == DoorTls::offered ? "offered" : "required");
  if (!door.client_ca.empty()) line("with a certificate by", door.client_ca);
  if (const std::string all = limits(door); !all.empty()) line("at most", all);
  if (door.tarpit > 0) line("tarpit", fmt::format("{} s", door.tarpit));
  if (door.greylist > 0) line("greylist", fmt::format("{} s", door.greylist));
  return text;
}

} // namespace sekisho::rules
