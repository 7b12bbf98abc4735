// Whether a mail was sent on by a machine (M5): the marks that mail programs leave, and loops.
#pragma once

#include "gateway/guard/message.hh"

namespace sekisho::guard {

/// What tells that no person sent this mail on: "X-Forwarded-For", "envelope sender SRS0=…"; empty: nothing
/// does.  A vacation program's reply (RFC 3834, auto-replied) is a new mail, not a forwarded one.
std::string mark_of_forwarding(const Message &message, std::string_view envelope_from);

/// A recipient that its own Delivered-To or Sieve redirection says it has been at already.
bool has_been_there(const Message &message, const std::vector<std::string> &recipients);

} // namespace sekisho::guard
