// One command line as a value.  RFC 5321 §4.1; parameters of SIZE (RFC 1870), 8BITMIME (RFC 6152),
// SMTPUTF8 (RFC 6531), DSN (RFC 3461), REQUIRETLS (RFC 8689); BDAT (RFC 3030), STARTTLS (RFC 3207).
#pragma once

#include "gateway/smtp/address.hh"
#include "gateway/spool/envelope.hh"

#include <cstdint>

namespace sekisho::smtp {

constexpr std::size_t max_command_line = 512; // octets with CRLF, RFC 5321 §4.5.3.1.4
// MAIL and RCPT, whose parameters lengthen the line (§4.1.1.11): at most ORCPT's 500 and NOTIFY's 28 more
constexpr std::size_t max_path_line = 1100;

enum class Verb : std::uint8_t {
  unknown, ehlo, helo, mail, rcpt, data, bdat, rset, noop, quit, vrfy, help, starttls
};

struct Command {
  Verb verb = Verb::unknown;
  std::string host;        // ehlo, helo
  Mailbox mailbox;         // mail: may be null; rcpt: never is, but for_postmaster
  bool for_postmaster = false; // rcpt: <postmaster>, without a domain
  std::uint64_t size = 0;  // mail: SIZE=, 0 when not said
  bool utf8 = false;       // mail: SMTPUTF8
  bool eight_bit = false;  // mail: BODY=8BITMIME
  spool::Return returned = spool::Return::unsaid; // mail: RET
  std::string envelope_id; // mail: ENVID=, as it stood
  bool require_tls = false; // mail: REQUIRETLS
  spool::Notify notify;    // rcpt: NOTIFY=, ORCPT=
  std::uint64_t chunk = 0; // bdat: octets that follow
  bool last = false;       // bdat: LAST
};

/// Of the first word; so that whoever refuses a BDAT line knows that octets follow it.
Verb verb_of(std::string_view line);

/// `line`: without its CRLF.  `utf8`: the transaction is SMTPUTF8 (counts for RCPT).
/// Errors: command_unknown, command_syntax, parameter_unknown, line_too_long.
Result<Command, Reason> parse_command(std::string_view line, bool utf8);

} // namespace sekisho::smtp
