#include "gateway/relay/notices.hh"

#include "base/text.hh"
#include "gateway/smtp/outward.hh"
#include "gateway/smtp/xtext.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>

namespace sekisho::relay {

const rules::Relay *way_back(const Policy &policy, const spool::Envelope &envelope, const rules::Relay &relay) {
  if (envelope.from.empty() || is_notice(envelope)) return nullptr;
  const std::string sender = text::with_ascii_domain(envelope.from);
  if (!rules::lists_address(relay.routes.bounce_to, sender)) return nullptr;
  const rules::Relay *back = nullptr;
  const Reason reason = policy.rules().relay_for(relay.to, sender, unix_now(), &back);
  return reason == Reason::none && back && back->to == relay.from ? back : nullptr;
}

spool::Notify notify_of(const spool::Envelope &envelope, std::size_t recipient) {
  return recipient < envelope.notify.size() ? envelope.notify[recipient] : spool::Notify{};
}

bool wants(const spool::Notify &notify, Notice::Kind kind) {
  switch (kind) {
  case Notice::Kind::failed: return !notify.given || notify.failure;
  case Notice::Kind::delayed: return !notify.given || notify.delay;
  case Notice::Kind::relayed: break;
  }
  return notify.given && notify.success;
}

std::string words_of(const spool::Notify &notify) {
  if (!notify.given) return {};
  std::string words;
  const auto add = [&](bool wanted, std::string_view word) {
    if (wanted) words += fmt::format("{}{}", words.empty() ? "" : ",", word);
  };
  add(notify.success, "SUCCESS");
  add(notify.failure, "FAILURE");
  add(notify.delay, "DELAY");
  return words.empty() ? "NEVER" : words;
}

Notice notice_of(Notice::Kind kind, const spool::Envelope &envelope, const job::Report &report) {
  Notice notice;
  notice.kind = kind;
  notice.receipt = envelope.receipt;
  notice.sender = envelope.from;
  notice.envelope_id = envelope.envelope_id;
  notice.arrived = envelope.accepted;
  notice.time = unix_now();
  notice.from = report.from;
  notice.to = report.to;
  notice.subject = report.subject;
  notice.message_id = report.message_id;
  return notice;
}

spool::Envelope envelope_of(const Notice &notice, const rules::Relay &back, std::string receipt,
                            const std::string &host_name) {
  spool::Envelope envelope;
  envelope.receipt = std::move(receipt);
  envelope.recipients = {notice.sender};
  envelope.relay = back.name;
  envelope.helo = host_name;
  envelope.accepted = notice.time;
  envelope.utf8 = !is_ascii(notice.sender);
  return envelope;
}

void add_dsn(smtp::Outgoing &outgoing, const spool::Envelope &envelope) {
  const auto may_be_said = [](const std::string &word) { return !word.empty() && smtp::decode_xtext(word); };
  if (envelope.returned == spool::Return::headers) outgoing.mail_parameters = "RET=HDRS";
  if (envelope.returned == spool::Return::full) outgoing.mail_parameters = "RET=FULL";
  if (may_be_said(envelope.envelope_id))
    outgoing.mail_parameters += fmt::format("{}ENVID={}", outgoing.mail_parameters.empty() ? "" : " ", envelope.envelope_id);
  for (const spool::Notify &notify : envelope.notify) {
    std::string parameters = notify.given ? "NOTIFY=" + words_of(notify) : std::string();
    if (may_be_said(notify.original))
      parameters += fmt::format("{}ORCPT={}", parameters.empty() ? "" : " ", notify.original);
    outgoing.recipient_parameters.push_back(std::move(parameters));
  }
}

} // namespace sekisho::relay
