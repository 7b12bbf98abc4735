// One command line as a value.  RFC 5321 §4.1; parameters of SIZE (RFC 1870), 8BITMIME (RFC 6152),
// SMTPUTF8 (RFC 6531).
#pragma once

#include "gateway/smtp/address.hh"

#include <cstdint>

namespace sekisho::smtp {

constexpr std::size_t max_command_line = 512; // octets with CRLF, RFC 5321 §4.5.3.1.4
constexpr std::size_t max_path_line = 1000;   // MAIL and RCPT, whose parameters lengthen the line, §4.1.1.11

enum class Verb : std::uint8_t { unknown, ehlo, helo, mail, rcpt, data, rset, noop, quit, vrfy, help };

struct Command {
  Verb verb = Verb::unknown;
  std::string host;        // ehlo, helo
  Mailbox mailbox;         // mail: may be null; rcpt: never is
  std::uint64_t size = 0;  // mail: SIZE=, 0 when not said
  bool utf8 = false;       // mail: SMTPUTF8
  bool eight_bit = false;  // mail: BODY=8BITMIME
};

/// `line`: without its CRLF.  `utf8`: the transaction is SMTPUTF8 (counts for RCPT).
/// Errors: command_unknown, command_syntax, line_too_long.
Result<Command, Reason> parse_command(std::string_view line, bool utf8);

} // namespace sekisho::smtp
