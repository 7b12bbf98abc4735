#include "gateway/relay/events.hh"

#include "gateway/smtp/reply.hh"
#include "sanitizer/job/codec.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sekisho::relay::events {
namespace {

using Json = nlohmann::ordered_json;

/// A peer's octets need not be UTF-8; the record's must.
std::string text_of(const Json &event) { return event.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json about(const char *event, const std::string &receipt) {
  Json json;
  json["event"] = event;
  json["receipt"] = receipt;
  return json;
}

/// As many as an event has room for; how many more there are is said.
void put_recipients(Json &event, const std::vector<std::string> &recipients) {
  constexpr std::size_t most = 32 * 1024; // octets; three times as many at worst as JSON
  Json &list = event["recipients"] = Json::array();
  std::size_t octets = 0;
  for (const std::string &recipient : recipients) {
    octets += recipient.size() + 3; // quotes and comma
    if (octets > most) break;
    list.push_back(recipient);
  }
  if (const std::size_t left_out = recipients.size() - list.size(); left_out > 0) event["recipients_left_out"] = left_out;
}

void put(Json &event, const spool::Envelope &envelope) {
  event["relay"] = envelope.relay;
  event["client"] = envelope.client_ip;
  event["helo"] = envelope.helo;
  if (!envelope.tls.empty()) event["tls"] = envelope.tls;
  event["sender"] = envelope.from;
  put_recipients(event, envelope.recipients);
}

} // namespace

std::string received(const spool::Envelope &envelope, std::uint64_t size, const std::string &sha256) {
  Json event = about("mail-received", envelope.receipt);
  put(event, envelope);
  event["size"] = size;
  event["sha256"] = sha256;
  if (!envelope.authentication.empty()) event["authentication"] = envelope.authentication;
  if (!envelope.known.empty()) {
    event["known"] = Json::array();
    for (const Reason reason : envelope.known) event["known"].push_back(word_of(reason));
  }
  return text_of(event);
}

std::string resumed(const spool::Envelope &envelope) {
  Json event = about("mail-resumed", envelope.receipt);
  put(event, envelope);
  event["accepted"] = to_rfc3339(envelope.accepted);
  return text_of(event);
}

std::string refused(const Door &door, const smtp::Refusal &refusal, std::uint64_t times) {
  const smtp::Status status = smtp::status_of(refusal.reason);
  Json event;
  event["event"] = "mail-refused";
  event["relay"] = door.relay;
  event["client"] = door.client;
  event["helo"] = door.helo;
  event["sender"] = refusal.from;
  event["recipient"] = refusal.recipient;
  event["reason"] = word_of(refusal.reason);
  event["answer"] = fmt::format("{} {}", status.code, status.enhanced);
  if (times > 1) event["times"] = times;
  return text_of(event);
}

std::string report_within(const job::Outcome &outcome, std::size_t octets, std::size_t *parts_left_out) {
  std::string report = job::to_json(outcome);
  job::Outcome shorter;
  std::size_t keep = outcome.report.parts.size();
  while (report.size() > octets && keep > 0) {
    keep /= 2;
    shorter.status = outcome.status;
    shorter.reason = outcome.reason;
    shorter.report = outcome.report;
    shorter.report.parts.resize(keep);
    report = job::to_json(shorter);
  }
  if (parts_left_out) *parts_left_out = outcome.report.parts.size() - keep;
  return report.size() > octets ? std::string() : report;
}

std::string released(const spool::Envelope &envelope, const std::string &as) {
  Json event = about("mail-released", envelope.receipt);
  put(event, envelope);
  event["as"] = as;
  return text_of(event);
}

std::string original_passed(const std::string &receipt, const std::string &user) {
  Json event = about("mail-original-passed", receipt);
  event["user"] = user;
  return text_of(event);
}

std::string not_held(const std::string &receipt, Reason reason) {
  Json event = about("mail-not-held", receipt);
  event["reason"] = word_of(reason);
  return text_of(event);
}

std::string treated(const std::string &receipt, const job::Outcome &outcome) {
  Json head = about("mail-treated", receipt);
  head["outcome"] = word_of(outcome.status);
  head["reason"] = word_of(outcome.reason);
  const std::string start = text_of(head);
  std::size_t left_out = 0;
  const std::string report = report_within(outcome, most_octets - start.size(), &left_out);
  std::string event = start.substr(0, start.size() - 1);
  if (left_out > 0) event += fmt::format(",\"parts_left_out\":{}", left_out);
  return event + ",\"report\":" + (report.empty() ? "null" : report) + "}";
}

std::string delivered(const std::string &receipt, const std::vector<std::string> &recipients,
                      const std::string &next_hop, const std::string &answer, bool original_kept) {
  Json event = about("mail-delivered", receipt);
  put_recipients(event, recipients);
  event["next_hop"] = next_hop;
  event["answer"] = answer;
  event["original_kept"] = original_kept;
  return text_of(event);
}

std::string deferred(const std::string &receipt, const std::vector<std::string> &recipients,
                     const std::string &next_hop, Reason reason, const std::string &answer,
                     UnixSeconds retry_at) {
  Json event = about("mail-deferred", receipt);
  put_recipients(event, recipients);
  event["next_hop"] = next_hop;
  event["reason"] = word_of(reason);
  event["answer"] = answer;
  event["retry_at"] = to_rfc3339(retry_at);
  return text_of(event);
}

std::string held(const std::string &receipt, const std::vector<std::string> &recipients, Reason reason,
                 const std::string &answer) {
  Json event = about("mail-held", receipt);
  put_recipients(event, recipients);
  event["reason"] = word_of(reason);
  if (!answer.empty()) event["answer"] = answer;
  return text_of(event);
}

std::string not_done(const std::string &receipt, const std::string &order, const std::string &error) {
  Json event;
  event["event"] = "order-failed";
  if (!receipt.empty()) event["receipt"] = receipt;
  event["order"] = order;
  event["error"] = error;
  return text_of(event);
}

std::string told(const Notice &notice, const std::string &own) {
  const char *word = notice.kind == Notice::Kind::failed    ? "mail-bounced"
                     : notice.kind == Notice::Kind::delayed ? "mail-delay-told"
                                                            : "mail-relay-told";
  Json event = about(word, notice.receipt);
  event["notice"] = own;
  event["sender"] = notice.sender;
  std::vector<std::string> recipients;
  for (const Notice::About &one : notice.about) recipients.push_back(one.recipient);
  put_recipients(event, recipients);
  event["reason"] = word_of(notice.about.front().reason);
  event["answer"] = notice.about.front().answer;
  return text_of(event);
}

std::string notice_kept(const spool::Envelope &envelope, const std::string &mail) {
  Json event = about("mail-notice", envelope.receipt);
  event["relay"] = envelope.relay;
  put_recipients(event, envelope.recipients);
  event["about"] = mail;
  return text_of(event);
}

std::string breaker_tripped(const std::string &relay, const std::string &why, const spool::Envelope &last) {
  Json event;
  event["event"] = "breaker-tripped";
  event["relay"] = relay;
  event["reason"] = word_of(Reason::breaker_tripped);
  event["limit"] = why;
  event["client"] = last.client_ip;
  event["sender"] = last.from;
  put_recipients(event, last.recipients);
  return text_of(event);
}

std::string breaker_armed(const std::string &relay, const std::string &reason, const std::string &stopped_since,
                          const std::string &who) {
  Json event;
  event["event"] = "breaker-armed";
  event["relay"] = relay;
  event["why"] = reason;
  event["stopped_since"] = stopped_since;
  event["who"] = Json::parse(who, nullptr, false);
  return text_of(event);
}

} // namespace sekisho::relay::events
