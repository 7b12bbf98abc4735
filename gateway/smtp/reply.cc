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
    {Reason::next_hop_unreachable, {451, "4.4.1"}},
    {Reason::next_hop_deferred, {451, "4.3.0"}},
    {Reason::next_hop_refused, {550, "5.0.0"}},
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

} // namespace sekisho::smtp
