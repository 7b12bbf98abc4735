// SMTP replies: one table from a Reason to its code and enhanced status.  RFC 5321 §4.2, RFC 3463.
#pragma once

#include "base/reason.hh"

#include <string>
#include <string_view>

namespace sekisho::smtp {

struct Status {
  int code = 451;
  std::string_view enhanced = "4.3.0"; // RFC 3463
};

/// How a refusal is said to the peer.  A reason without a row (one that no door uses) is 451 4.3.0: the
/// peer keeps the mail and asks again.
Status status_of(Reason reason);

/// "550 5.7.1 relay-denied: recipient is not one …\r\n"; the word is the one in the record.
std::string refusal(Reason reason);
/// One line, CRLF added.
std::string reply(int code, std::string_view enhanced, std::string_view text);

/// Whether a next hop said it: "550 5.1.1 unknown"; else the words are our own.
bool is_reply(std::string_view text);

} // namespace sekisho::smtp
