// Mailboxes as SMTP writes them.  RFC 5321 §4.1.2, RFC 6531 §3.3.
#pragma once

#include "base/reason.hh"
#include "base/result.hh"

#include <string>
#include <string_view>

namespace sekisho::smtp {

constexpr std::size_t max_path = 256;       // octets, RFC 5321 §4.5.3.1.3
constexpr std::size_t max_local_part = 64;  // octets, §4.5.3.1.1
constexpr std::size_t max_domain = 255;     // octets, §4.5.3.1.2

/// The empty mailbox is the null sender `<>`.
struct Mailbox {
  std::string local;   // unquoted
  std::string domain;  // as written; "[192.0.2.1]" for a literal
  bool null() const { return domain.empty(); }
  bool utf8() const; // an octet outside ASCII, RFC 6531
  /// A local part that asks the next mail system to route on: "a%b@c", "b!a@c", "\"a@b\"@c".  Such a
  /// recipient is never relayed (M1).
  bool routed() const;
  /// local@domain, quoted where it must be; empty for the null sender.
  std::string text() const;
};

/// Reads one path with its angle brackets from the start of `rest` and takes it off.  A source route
/// ("<@a,@b:c@d>") is read and forgotten (RFC 5321 §4.1.1.3).  `utf8`: SMTPUTF8 was said.
/// Errors: command_syntax.
Result<Mailbox, Reason> take_path(std::string_view &rest, bool utf8);

/// Well-formed UTF-8, RFC 3629 §4.
bool is_utf8(std::string_view text);

/// A name a peer gives itself in EHLO: domain or address literal, printable ASCII that can stand in a
/// Received field.
bool is_host_name(std::string_view text);

} // namespace sekisho::smtp
