// Of a relay: who may hand in mail, how fast, by which security.
#pragma once

#include "base/address.hh"

#include <string>
#include <vector>

namespace sekisho::rules {

enum class DoorTls : std::uint8_t { off, offered, required };

struct DoorRule {
  std::vector<Network> clients;     // empty: whoever the zone's port lets in
  std::vector<std::string> senders; // mail patterns; empty: any.  The null sender is always taken (RFC 5321 §4.5.5)
  bool senders_unsaid = false;      // they are the own side's: the rules say nothing, and forwarded mail is refused (M5)
  std::vector<Network> balancers;   // speak the PROXY protocol
  DoorTls tls = DoorTls::off;
  std::string certificate, key, client_ca; // paths of PEM files, empty: none; read as root beside the rules
  // 0: the gateway's own (relay/settings.hh)
  std::uint32_t connections = 0, source_connections = 0, net_connections = 0; // at once
  std::uint32_t recipients_a_mail = 0, errors_a_session = 0;
  // 0: no limit
  std::uint32_t connections_a_minute = 0, mails_a_minute = 0, recipients_a_minute = 0; // of a source: an IPv4 address, an IPv6 /64
  // 0: none, seconds
  std::uint32_t tarpit = 0;   // each refusal is said so much later
  std::uint32_t greylist = 0; // so long the first mail of unknown client, sender and recipient must wait
};

/// Any case.  Bounces have no sender, and a relay that took none would keep them from people (RFC 5321 §4.5.5).
bool takes_sender(const DoorRule &door, std::string_view sender);

} // namespace sekisho::rules
