// Who is told of a mail's fate, and how what he asked for (RFC 3461) goes on with the mail.
#pragma once

#include "gateway/relay/notice.hh"
#include "gateway/relay/policy.hh"
#include "gateway/smtp/client_session.hh"
#include "gateway/spool/envelope.hh"
#include "sanitizer/job/job.hh"

namespace sekisho::relay {

/// The gateway wrote it itself: in the spool lie the facts of a notice.  A client always has an address.
inline bool is_notice(const spool::Envelope &envelope) { return envelope.client_ip.empty(); }

/// The relay by which the sender of a mail of `relay` is told; null: he is not.  Only a sender that the rule lists,
/// never the null sender, never of a notice, and only back to where the mail came from.
const rules::Relay *way_back(const Policy &policy, const spool::Envelope &envelope, const rules::Relay &relay);

/// What the sender asked for as to one recipient.
spool::Notify notify_of(const spool::Envelope &envelope, std::size_t recipient);
bool wants(const spool::Notify &notify, Notice::Kind kind);
/// "SUCCESS,DELAY", "NEVER"; empty: nothing was asked for.
std::string words_of(const spool::Notify &notify);

/// All but `until` and `about`.
Notice notice_of(Notice::Kind kind, const spool::Envelope &envelope, const job::Report &report);
spool::Envelope envelope_of(const Notice &notice, const rules::Relay &back, std::string receipt,
                            const std::string &host_name);

/// NOTIFY, ORCPT, RET and ENVID for the next hop.
void add_dsn(smtp::Outgoing &outgoing, const spool::Envelope &envelope);

} // namespace sekisho::relay
