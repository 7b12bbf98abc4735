#include "gateway/guard/forwarding.hh"

#include <algorithm>
#include <array>

namespace sekisho::guard {
namespace {

/// Fields that only a program writes which sends a mail on that it has got.
constexpr auto marks = std::to_array<std::string_view>({
    "X-Forwarded-For",                          // Gmail: from whose mailbox to which
    "X-Forwarded-To",  // Gmail, Postfix-based services
    "X-MS-Exchange-Inbox-Rules-Loop",                // Outlook and Exchange: an inbox rule forwards or redirects
    "X-MS-Exchange-ForwardingLoop",                  // Exchange: a mailbox's forwarding address
    "X-Sieve-Redirected-From",                       // Dovecot Pigeonhole: redirect
    "X-Zimbra-Forwarded",                            // Zimbra: a filter redirects
    "Delivered-To",                                  // qmail, Postfix, Courier: it lay in a mailbox before
    "X-Original-To",                                 // Postfix: the same
    "X-Delivered-To",                                // the same of others
    "Resent-From", // RFC 5322 §3.6.6; with these a person's redirect cannot be told from a program's
    "Resent-To",
    "Resent-Sender",
    "Resent-Date",
    "Resent-Message-ID",
    "Resent-Cc",
    "Resent-Bcc",
});

/// RFC 5322 §3.2.2; a comment may stand in a comment.
std::string without_comments(std::string_view value) {
  std::string text;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < value.size(); ++at) {
    const char c = value[at];
    if (c == '(') ++depth;
    else if (c == ')' && depth > 0) --depth;
    else if (depth == 0) text += c;
    else if (c == '\\') ++at;
  }
  return text;
}

bool says(const Message &message, std::string_view name, std::string_view word) {
  return std::ranges::any_of(message.fields, [&](const Field &field) {
    if (!equals_ignoring_case(field.name, name)) return false;
    const std::string value = without_comments(field.value);
    return equals_ignoring_case(trimmed(std::string_view(value).substr(0, value.find(';'))), word);
  });
}

/// Rewritten return paths: SRS, and Gmail's name+caf_=target=domain@gmail.com.
bool is_rewritten(std::string_view envelope_from) {
  const std::string local = lower_case(envelope_from.substr(0, envelope_from.rfind('@')));
  for (std::string_view start : {"srs0=", "srs0+", "srs0-", "srs1=", "srs1+", "srs1-"})
    if (local.starts_with(start)) return true;
  return local.find("+caf_=") != std::string::npos;
}

} // namespace

std::string mark_of_forwarding(const Message &message, std::string_view envelope_from) {
  for (const Field &field : message.fields)
    for (std::string_view mark : marks)
      if (equals_ignoring_case(field.name, mark)) return std::string(mark);
  if (says(message, "Autoforwarded", "true")) return "Autoforwarded"; // RFC 2156 §2.3.1.1
  if (says(message, "X-MS-Exchange-Organization-AutoForwarded", "true")) // Exchange: the transport's own judgement
    return "X-MS-Exchange-Organization-AutoForwarded";
  if (says(message, "Auto-Submitted", "auto-forwarded")) return "Auto-Submitted";
  if (says(message, "X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent"))
    return "X-MS-Exchange-Generated-Message-Source";
  if (is_rewritten(envelope_from)) return "envelope sender " + std::string(envelope_from);
  return {};
}

bool has_been_there(const Message &message, const std::vector<std::string> &recipients) {
  for (const Field &field : message.fields) {
    if (!equals_ignoring_case(field.name, "Delivered-To") && !equals_ignoring_case(field.name, "X-Loop")) continue;
    std::string_view address = trimmed(field.value);
    if (address.starts_with('<') && address.ends_with('>')) address = address.substr(1, address.size() - 2);
    for (const std::string &recipient : recipients)
      if (equals_ignoring_case(address, recipient)) return true;
  }
  return false;
}

} // namespace sekisho::guard
