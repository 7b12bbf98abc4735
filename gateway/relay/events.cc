#include "gateway/relay/events.hh"

#include "base/json_writer.hh"
#include "gateway/relay/notices.hh"
#include "gateway/smtp/reply.hh"
#include "sanitizer/job/codec.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::relay::events {
namespace {

/// `"event":…` stands first: the record reads such events fast.
JsonWriter event_of(std::string_view word) {
  JsonWriter event;
  event.open('{').key("event").value(word);
  return event;
}

JsonWriter about(std::string_view word, const std::string &receipt) {
  JsonWriter event = event_of(word);
  event.key("receipt").value(receipt);
  return event;
}

std::string text_of(JsonWriter &event) { return event.close('}').take(); }

/// As many as an event has room for; how many more there are is said.
void put_recipients(JsonWriter &event, const std::vector<std::string> &recipients, std::uint64_t left_out = 0) {
  constexpr std::size_t most = 32 * 1024; // octets; three times as many at worst as JSON
  event.key("recipients").open('[');
  std::size_t octets = 0, put = 0;
  for (const std::string &recipient : recipients) {
    octets += recipient.size() + 3; // quotes and comma
    if (octets > most) break;
    event.value(recipient);
    ++put;
  }
  event.close(']');
  left_out += recipients.size() - put;
  if (left_out > 0) event.key("recipients_left_out").value(left_out);
}

/// Beside what the first was told, which then is not what all were.
void put_answers(JsonWriter &event, const std::vector<Notice::About> &about, std::size_t recipients) {
  if (about.empty() || (about.size() == recipients && !differ(about))) return;
  std::size_t left_out = 0;
  event.key("answers").raw(answers(about, most_octets - std::min(most_octets, event.text().size()), &left_out));
  if (left_out > 0) event.key("answers_left_out").value(std::uint64_t{left_out});
}

std::vector<std::string> recipients_of(const std::vector<Notice::About> &about) {
  std::vector<std::string> recipients;
  for (const Notice::About &one : about) recipients.push_back(one.recipient);
  return recipients;
}

/// `last`: the mail that was one too many.
std::string about_mass(std::string_view word, const std::string &relay, Reason reason, const std::string &limit, const spool::Envelope &last) {
  JsonWriter event = event_of(word);
  event.key("relay").value(relay);
  event.key("reason").value(word_of(reason));
  event.key("limit").value(limit);
  event.key("client").value(last.client_ip);
  event.key("sender").value(last.from);
  put_recipients(event, last.recipients);
  return text_of(event);
}

/// What the sender asked for (RFC 3461, RFC 8689), as it stood.
void put_wishes(JsonWriter &event, const spool::Envelope &envelope) {
  constexpr std::size_t most = 32 * 1024, most_of_one = 2048; // octets
  if (envelope.require_tls) event.key("require_tls").value(true);
  if (!envelope.envelope_id.empty()) event.key("envelope_id").value(envelope.envelope_id);
  JsonWriter list;
  std::uint64_t left_out = 0;
  for (std::size_t i = 0; i < std::min(envelope.notify.size(), envelope.recipients.size()); ++i) {
    const spool::Notify &notify = envelope.notify[i];
    if (!notify.given && notify.original.empty()) continue;
    if (list.text().size() + most_of_one > most) {
      ++left_out;
      continue;
    }
    list.open('{').key("recipient").value(envelope.recipients[i]);
    if (notify.given) list.key("notify").value(words_of(notify));
    if (!notify.original.empty()) list.key("original").value(notify.original);
    list.close('}');
  }
  if (!list.text().empty()) event.key("notify").raw('[' + list.take() + ']');
  if (left_out > 0) event.key("notify_left_out").value(left_out);
}

void put(JsonWriter &event, const spool::Envelope &envelope) {
  event.key("relay").value(envelope.relay);
  event.key("client").value(envelope.client_ip);
  event.key("helo").value(envelope.helo);
  if (!envelope.tls.empty()) event.key("tls").value(envelope.tls);
  event.key("sender").value(envelope.from);
  put_recipients(event, envelope.recipients);
  put_wishes(event, envelope);
}

} // namespace

bool differ(const std::vector<Notice::About> &about) {
  return std::ranges::any_of(about, [&](const Notice::About &one) {
    const Notice::About &first = about.front();
    return one.reason != first.reason || one.answer != first.answer || one.next_hop != first.next_hop;
  });
}

std::string answers(const std::vector<Notice::About> &about, std::size_t octets, std::size_t *left_out) {
  constexpr std::size_t most_of_one = 2048;
  JsonWriter list;
  list.open('[');
  std::size_t put = 0;
  for (; put < about.size() && list.text().size() + most_of_one < octets; ++put) {
    const Notice::About &one = about[put];
    list.open('{').key("recipient").value(one.recipient).key("reason").value(word_of(one.reason));
    if (!one.next_hop.empty()) list.key("next_hop").value(one.next_hop);
    if (!one.answer.empty()) list.key("answer").value(one.answer);
    list.close('}');
  }
  if (left_out) *left_out = about.size() - put;
  return list.close(']').take();
}

std::string received(const spool::Envelope &envelope, std::uint64_t size, const std::string &sha256) {
  JsonWriter event = about("mail-received", envelope.receipt);
  put(event, envelope);
  event.key("size").value(size);
  event.key("sha256").value(sha256);
  if (!envelope.authentication.empty()) event.key("authentication").value(envelope.authentication);
  if (!envelope.known.empty()) {
    event.key("known").open('[');
    for (const Reason reason : envelope.known) event.value(word_of(reason));
    event.close(']');
  }
  return text_of(event);
}

std::string resumed(const spool::Envelope &envelope) {
  JsonWriter event = about("mail-resumed", envelope.receipt);
  put(event, envelope);
  event.key("accepted").value(to_rfc3339(envelope.accepted));
  return text_of(event);
}

std::string lost(const spool::Envelope &envelope) {
  JsonWriter event = about("mail-lost", envelope.receipt);
  put(event, envelope);
  event.key("reason").value(word_of(Reason::spool_failed));
  return text_of(event);
}

std::string refused(const Door &door, const smtp::Refusal &refusal, const Times &times) {
  const smtp::Status status = smtp::status_of(refusal.reason);
  JsonWriter event = event_of("mail-refused");
  event.key("relay").value(door.relay);
  event.key("client").value(door.client);
  event.key("helo").value(door.helo);
  event.key("sender").value(refusal.from);
  const std::vector<std::string> &recipients = refusal.recipients;
  if (recipients.size() > 1 || times.recipients_left_out > 0) put_recipients(event, recipients, times.recipients_left_out);
  else event.key("recipient").value(recipients.empty() ? std::string() : recipients.front());
  event.key("reason").value(word_of(refusal.reason));
  event.key("answer").value(fmt::format("{} {}", status.code, status.enhanced));
  if (times.all > 1) event.key("times").value(times.all);
  if (times.senders_left_out > 1) event.key("senders_left_out").value(times.senders_left_out - 1); // the last one is named
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
  JsonWriter event = about("mail-released", envelope.receipt);
  put(event, envelope);
  event.key("as").value(as);
  return text_of(event);
}

std::string original_passed(const std::string &receipt, const std::string &user) {
  JsonWriter event = about("mail-original-passed", receipt);
  event.key("user").value(user);
  return text_of(event);
}

std::string not_held(const std::string &receipt, Reason reason) {
  JsonWriter event = about("mail-not-held", receipt);
  event.key("reason").value(word_of(reason));
  return text_of(event);
}

std::string treated(const std::string &receipt, const job::Outcome &outcome) {
  JsonWriter event = about("mail-treated", receipt);
  event.key("outcome").value(word_of(outcome.status));
  event.key("reason").value(word_of(outcome.reason));
  std::size_t left_out = 0;
  const std::string report = report_within(outcome, most_octets - event.text().size(), &left_out);
  if (left_out > 0) event.key("parts_left_out").value(std::uint64_t{left_out});
  event.key("report").raw(report.empty() ? "null" : report);
  return text_of(event);
}

std::string delivered(const std::string &receipt, const std::vector<std::string> &recipients, const std::string &next_hop,
                      const std::string &tls, const std::string &answer, bool original_kept) {
  JsonWriter event = about("mail-delivered", receipt);
  put_recipients(event, recipients);
  event.key("next_hop").value(next_hop);
  if (!tls.empty()) event.key("tls").value(tls);
  event.key("answer").value(answer);
  event.key("original_kept").value(original_kept);
  return text_of(event);
}

std::string deferred(const std::string &receipt, const std::vector<Notice::About> &each, UnixSeconds retry_at,
                     bool may_have_arrived) {
  JsonWriter event = about("mail-deferred", receipt);
  put_recipients(event, recipients_of(each));
  event.key("next_hop").value(each.front().next_hop);
  event.key("reason").value(word_of(each.front().reason));
  event.key("answer").value(each.front().answer);
  event.key("retry_at").value(to_rfc3339(retry_at));
  if (may_have_arrived) event.key("may_have_arrived").value(true);
  put_answers(event, each, each.size());
  return text_of(event);
}

std::string held(const std::string &receipt, const std::vector<std::string> &recipients, Reason reason,
                 const std::vector<Notice::About> &refused, bool others_have_it, bool may_have_arrived) {
  JsonWriter event = about("mail-held", receipt);
  put_recipients(event, recipients);
  event.key("reason").value(word_of(reason));
  if (!refused.empty() && !refused.front().next_hop.empty()) event.key("next_hop").value(refused.front().next_hop);
  if (!refused.empty() && !refused.front().answer.empty()) event.key("answer").value(refused.front().answer);
  if (others_have_it) event.key("others_have_it").value(true);
  if (may_have_arrived) event.key("may_have_arrived").value(true);
  put_answers(event, refused, recipients.size());
  return text_of(event);
}

std::string not_done(const std::string &receipt, const std::string &order, const std::string &error) {
  JsonWriter event = event_of("order-failed");
  if (!receipt.empty()) event.key("receipt").value(receipt);
  event.key("order").value(order);
  event.key("error").value(error);
  return text_of(event);
}

std::string told(const Notice &notice, const std::string &own) {
  const char *word = notice.kind == Notice::Kind::failed    ? "mail-bounced"
                     : notice.kind == Notice::Kind::delayed ? "mail-delay-told"
                                                            : "mail-relay-told";
  JsonWriter event = about(word, notice.receipt);
  event.key("notice").value(own);
  event.key("sender").value(notice.sender);
  put_recipients(event, recipients_of(notice.about));
  event.key("reason").value(word_of(notice.about.front().reason));
  if (!notice.about.front().next_hop.empty()) event.key("next_hop").value(notice.about.front().next_hop);
  event.key("answer").value(notice.about.front().answer);
  put_answers(event, notice.about, notice.about.size());
  return text_of(event);
}

std::string notice_kept(const spool::Envelope &envelope, const std::string &mail) {
  JsonWriter event = about("mail-notice", envelope.receipt);
  event.key("relay").value(envelope.relay);
  event.key("sender").value(envelope.from);
  put_recipients(event, envelope.recipients);
  event.key("about").value(mail);
  return text_of(event);
}

std::string breaker_tripped(const std::string &relay, const std::string &why, const spool::Envelope &last) {
  return about_mass("breaker-tripped", relay, Reason::breaker_tripped, why, last);
}

std::string mass_from_outside(const std::string &relay, const std::string &why, const spool::Envelope &last) {
  return about_mass("mass-from-outside", relay, Reason::mass_refused, why, last);
}

std::string breaker_armed(const std::string &relay, const std::string &reason, const std::string &stopped_since,
                          const std::string &who) {
  JsonWriter event = event_of("breaker-armed");
  event.key("relay").value(relay);
  event.key("why").value(reason);
  event.key("stopped_since").value(stopped_since);
  event.key("who").raw(who);
  return text_of(event);
}

} // namespace sekisho::relay::events
