#include "gateway/relay/certificate_watch.hh"

#include "base/json_writer.hh"
#include "base/log.hh"
#include "gateway/tls/ends.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr UnixSeconds day = 86'400;

std::string event_of(const EndingCertificate &certificate, UnixSeconds now) {
  JsonWriter event;
  event.open('{').key("event").value(std::string_view("certificate-ends"));
  event.key("relay").value(certificate.relay).key("what").value(certificate.what);
  if (!certificate.file.empty()) event.key("file").value(certificate.file);
  event.key("ends").value(to_rfc3339(certificate.ends));
  event.key("in_days").raw(std::to_string(certificate.days(now)));
  return event.close('}').take();
}

std::string words_of(const EndingCertificate &certificate, UnixSeconds now) {
  const std::int64_t days = certificate.days(now);
  const std::string when = days < 0 ? "ended" : days == 0 ? "ends today," : fmt::format("ends in {} days,", days);
  return fmt::format("ALARM: relay {}: the {}{}{} {} {}", certificate.relay, certificate.what, certificate.file.empty() ? "" : " ",
                     certificate.file, when, to_rfc3339(certificate.ends));
}

} // namespace

std::int64_t EndingCertificate::days(UnixSeconds now) const {
  return ends >= now ? (ends - now) / day : -((now - ends) / day + 1);
}

std::vector<EndingCertificate> certificates_of(const rules::RuleSet &rules, const role::Secrets &secrets) {
  std::vector<EndingCertificate> found;
  const auto add = [&](const rules::Relay &relay, const char *what, const std::string &file, std::string_view pem, auto which) {
    if (const auto ends = tls::ends_of(pem)) found.push_back({relay.name, what, file, (*ends).*which});
  };
  const auto content = [&](const std::string &file) {
    const auto secret = secrets.find(file);
    return secret == secrets.end() ? std::string_view() : std::string_view(secret->second);
  };
  for (const rules::Relay &relay : rules.relays()) {
    const rules::DoorRule &door = relay.door;
    if (door.tls != rules::DoorTls::off) {
      add(relay, "certificate", door.certificate, content(door.certificate), &tls::Ends::first);
      add(relay, "issuer of clients", door.client_ca, content(door.client_ca), &tls::Ends::last);
    }
    add(relay, "issuer of its next hops", "", relay.routes.authority, &tls::Ends::last);
  }
  return found;
}

void CertificateWatch::set(std::vector<EndingCertificate> certificates) {
  certificates_ = std::move(certificates);
  std::erase_if(told_, [this](const auto &one) { return std::ranges::find(certificates_, one.first) == certificates_.end(); });
  tell();
}

Task<void> CertificateWatch::watch() {
  while (true) {
    timer_.expires_after(10min);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
    tell();
  }
}

std::vector<EndingCertificate> CertificateWatch::ending(UnixSeconds now) const {
  std::vector<EndingCertificate> ending;
  std::ranges::copy_if(certificates_, std::back_inserter(ending),
                       [now](const EndingCertificate &one) { return one.ends < now + tls::warn_days * day; });
  return ending;
}

std::vector<EndingCertificate> CertificateWatch::due(UnixSeconds now) {
  std::vector<EndingCertificate> due = ending(now);
  std::erase_if(due, [&](const EndingCertificate &one) {
    const auto [told, first] = told_.try_emplace(one, now / day);
    return !first && std::exchange(told->second, now / day) == now / day;
  });
  return due;
}

void CertificateWatch::tell() {
  const UnixSeconds now = unix_now();
  for (const EndingCertificate &one : due(now)) {
    log_error(words_of(one, now));
    recorder_.tell(event_of(one, now));
  }
}

} // namespace sekisho::relay
