#include "gateway/smtp/reply.hh"

#include <fmt/format.h>

#include <array>

namespace sekisho::smtp {
namespace {

struct Row {
  Reason reason;
  Status status;
};

constexpr auto table = std::to_array<Row>({
    {Reason::relay_denied, {550, "5.7.1"}},
    {Reason::mail_rule_expired, {550, "5.7.1"}},
    {Reason::mail_too_big, {552, "5.3.4"}},
    {Reason::command_syntax, {501, "5.5.4"}},
    {Reason::command_order, {503, "5.5.1"}},
    {Reason::command_unknown, {502, "5.5.1"}},
    {Reason::line_too_long, {500, "5.5.2"}},
    {Reason::bare_line_end, {554, "5.5.2"}},
    {Reason::too_many_recipients, {452, "4.5.3"}},
    {Reason::too_many_errors, {421, "4.7.0"}},
    {Reason::too_many_connections, {421, "4.7.0"}},
    {Reason::session_timeout, {421, "4.4.2"}},
    {Reason::pipelining_abuse, {554, "5.5.0"}},
    {Reason::spool_full, {452, "4.3.1"}},
    {Reason::spool_failed, {451, "4.3.0"}},
    {Reason::record_unavailable, {451, "4.3.0"}},
    {Reason::mail_zone_severed, {421, "4.3.2"}},
    {Reason::gateway_stopping, {421, "4.3.2"}},
    {Reason::mail_loop, {554, "5.4.6"}},
    {Reason::client_unlisted, {554, "5.7.1"}},
    {Reason::sender_unlisted, {550, "5.7.1"}},
    {Reason::client_too_fast, {450, "4.7.0"}},
    {Reason::greylisted, {450, "4.7.1"}},
    {Reason::parameter_unknown, {555, "5.5.4"}},
    {Reason::tls_required, {530, "5.7.0"}},
    {Reason::tls_failed, {454, "4.7.0"}},
    {Reason::client_certificate_bad, {554, "5.7.0"}},
    {Reason::proxy_header_bad, {421, "4.7.0"}},
    {Reason::spf_failed, {550, "5.7.23"}}, // RFC 7372 §3.2
    {Reason::dkim_failed, {550, "5.7.20"}},
    {Reason::dmarc_failed, {550, "5.7.1"}},
    {Reason::authentication_unavailable, {451, "4.4.3"}},
    {Reason::auto_forwarded, {550, "5.7.1"}},
    {Reason::free_mail, {550, "5.7.1"}},
    {Reason::network_storage, {550, "5.7.1"}},
    {Reason::domain_unlisted, {550, "5.7.1"}},
    {Reason::mass_refused, {450, "4.7.1"}},
    {Reason::breaker_tripped, {450, "4.3.2"}},
    {Reason::next_hop_unreachable, {451, "4.4.1"}},
    {Reason::next_hop_deferred, {451, "4.3.0"}},
    {Reason::next_hop_refused, {550, "5.0.0"}},
    {Reason::next_hop_tls_failed, {451, "4.7.5"}},
    {Reason::next_hop_certificate_bad, {451, "4.7.5"}},
    {Reason::next_hop_login_failed, {451, "4.7.0"}},
    {Reason::next_hop_unable, {550, "5.6.7"}}, // RFC 6531 §3.5
    {Reason::delivery_expired, {550, "5.4.7"}},
});

} // namespace

Status status_of(Reason reason) {
  for (const Row &row : table)
    if (row.reason == reason) return row.status;
  return {};
}

std::string reply(int code, std::string_view enhanced, std::string_view text) {
  return fmt::format("{} {} {}\r\n", code, enhanced, text);
}

std::string refusal(Reason reason) {
  const Status status = status_of(reason);
  return fmt::format("{} {} {}: {}\r\n", status.code, status.enhanced, word_of(reason),
                     info(reason).english);
}

bool is_reply(std::string_view text) {
  const auto is_digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  return text.size() >= 3 && is_digit(0) && is_digit(1) && is_digit(2) && (text.size() == 3 || text[3] == ' ' || text[3] == '-');
}

} // namespace sekisho::smtp
