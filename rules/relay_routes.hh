// Of a relay: where mail goes, by which security, and who is told of a failure.
#pragma once

#include "base/address.hh"

#include <string>
#include <vector>

namespace sekisho::rules {

/// One server that takes the mail.
struct NextHop {
  Ip address;
  std::uint16_t port = 25;
  std::uint32_t weight = 1; // its share of the mails, among those that are no backup, or those that are
  bool backup = false;      // asked while none of the others can be reached
  bool operator==(const NextHop &) const = default;
};

/// STARTTLS towards the next hops.  RFC 3207.
enum class NextHopTls : std::uint8_t {
  off,
  offered,  // where the next hop offers it; whose certificate it is is not asked
  required, // nothing is handed over without it
};

struct RoutesRule {
  std::vector<NextHop> hops; // as written; the first is Relay::next_hop

  // of each hop; 0: as the relay is set up, or no limit
  std::uint32_t connections = 0; // at once
  std::uint32_t mails_per_connection = 0, mails_per_minute = 0;

  NextHopTls tls = NextHopTls::off;
  std::vector<std::string> pins; // SHA-256 of a SubjectPublicKeyInfo (RFC 7469 §2.4), 32 octets each
  std::string authority;         // PEM, the issuers that are believed
  std::string certificate_name;  // in it, for an issuer's certificate; empty: the hop's address
  std::string login_user;        // RFC 4954; empty: none
  std::string password_file;     // whole path; what stands in it is never part of a rule set

  std::vector<std::string> bounce_to; // senders who are told of a failure, as Relay::recipients
  bool operator==(const RoutesRule &) const = default;
};

} // namespace sekisho::rules
