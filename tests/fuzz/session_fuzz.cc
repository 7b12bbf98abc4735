/* Target functions: smtp::Session, smtp::parse_command, smtp::DataReader.
 */
// Whatever a client says, in whatever pieces: every mail that comes out was asked for by listed recipients, under the
// TLS that the door demands, and has no line end but CRLF; nothing said before a handshake is in it; it ends.
#include "base/check.hh"
#include "gateway/smtp/line_ends.hh"
#include "gateway/smtp/session.hh"

#include <algorithm>

namespace {

using namespace sekisho;
using namespace sekisho::smtp;

constexpr std::uint64_t size_limit = 3000;

Settings settings(unsigned flags) {
  Settings settings;
  settings.host_name = "gate.example";
  settings.size_limit = size_limit;
  settings.tls = flags & 1 ? StartTlsUse::required : flags & 2 ? StartTlsUse::offered : StartTlsUse::off;
  settings.client_certificate = flags & 4;
  settings.limits.text_line = 500;
  return settings;
}

void check_mail(const Mail &mail, unsigned flags, bool under_tls) {
  CHECK(!mail.recipients.empty() && mail.recipients.size() <= 100 && mail.notify.size() == mail.recipients.size());
  for (const std::string &recipient : mail.recipients) CHECK(recipient.ends_with("@town.example.lg.jp"));
  CHECK(has_only_crlf(mail.bytes) && mail.bytes.size() >= 2 && as_chars(mail.bytes).ends_with("\r\n"));
  CHECK(mail.bytes.size() <= size_limit);
  CHECK(under_tls == !mail.tls.empty());
  CHECK(!(flags & 1) || under_tls);
  CHECK(!(flags & 4) || (under_tls && (flags & 8)));
  CHECK(!mail.require_tls || under_tls);
  CHECK(!mail.helo.empty());
  const std::string stuffed = stuff_dots(mail.bytes); // what the next hop would read is this mail and no more
  DataReader again(size_limit, 500);
  CHECK(again.feed(as_bytes(stuffed)) == stuffed.size() && again.ended() && again.fault() == Reason::none);
  CHECK(again.take() == mail.bytes);
}

void check_replies(std::string_view octets) {
  CHECK(octets.ends_with("\r\n") && has_only_crlf(as_bytes(octets)));
  while (!octets.empty()) {
    const std::string_view line = octets.substr(0, octets.find("\r\n"));
    CHECK(line.size() >= 4 && line[0] >= '2' && line[0] <= '5' && (line[3] == ' ' || line[3] == '-'));
    octets.remove_prefix(line.size() + 2);
  }
}

} // namespace

/// The first octet says what the door demands and how handshakes and the spool go, the second how long the pieces are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned flags = data[0];
  const std::size_t piece = data[1] == 0 ? size : data[1];
  Bytes rest(reinterpret_cast<const std::byte *>(data) + 2, size - 2);
  Session session(settings(flags), [](const Offer &offer) {
    return offer.recipient.ends_with("@town.example.lg.jp") ? Route{Reason::none, 0, size_limit} : Route{};
  });
  bool under_tls = false;
  std::size_t sent = 0;
  while (true) {
    Action action = session.next();
    if (auto *send = std::get_if<Send>(&action)) {
      check_replies(send->octets);
      sent += send->octets.size();
      CHECK(sent <= 2000 + 200 * size);
    } else if (auto *ready = std::get_if<MailReady>(&action)) {
      check_mail(ready->mail, flags, under_tls);
      if (flags & 16) session.not_kept(Reason::spool_full);
      else session.kept("RECEIPT");
    } else if (std::holds_alternative<StartTls>(action)) {
      CHECK(!under_tls && (flags & 3));
      under_tls = !(flags & 32);
      if (under_tls) session.tls_started({"TLSv1.3 X", (flags & 8) != 0});
      else session.tls_failed(Reason::tls_failed);
    } else if (std::holds_alternative<Close>(action)) {
      break;
    } else {
      if (rest.empty()) break;
      session.feed(rest.first(std::min(piece, rest.size())));
      rest = rest.subspan(std::min(piece, rest.size()));
    }
    (void)session.take_refusals();
  }
  return 0;
}
