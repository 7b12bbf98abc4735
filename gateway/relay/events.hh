// What the relay tells the record: gateway/record/event.hh has the list.  Each is one JSON object.
#pragma once

#include "gateway/relay/notice.hh"
#include "gateway/smtp/session.hh"
#include "gateway/spool/envelope.hh"
#include "sanitizer/job/job.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace sekisho::relay::events {

constexpr std::size_t most_octets = 150 * 1024; // of one event; a longer report loses parts, and says so

std::string received(const spool::Envelope &envelope, std::uint64_t size, const std::string &sha256);
/// A mail that an earlier process left in the spool; that one may have been cut off before it told anything.
std::string resumed(const spool::Envelope &envelope);

/// Its octets are harmed on disk: what is known of it.
std::string lost(const spool::Envelope &envelope);

struct Door {
  std::string relay, client, helo;
};
/// Of several in one (refusals.hh): how many, and how many of their senders and recipients are not named.
struct Times {
  std::uint64_t all = 0, senders_left_out = 0, recipients_left_out = 0;
};
std::string refused(const Door &door, const smtp::Refusal &refusal, const Times &times);

/// The report without as many of its last parts as do not fit; empty where not even that does.
std::string report_within(const job::Outcome &outcome, std::size_t octets, std::size_t *parts_left_out = nullptr);
/// From the hold on its way once more.  `as`: words of release.hh.
std::string released(const spool::Envelope &envelope, const std::string &as);
/// A person whom a rule lists let the original itself go on.
std::string original_passed(const std::string &receipt, const std::string &user);
/// The hold had no room, or failed: the mail waits in the spool.
std::string not_held(const std::string &receipt, Reason reason);

std::string treated(const std::string &receipt, const job::Outcome &outcome);
/// `tls`: as spool::Envelope has it.
std::string delivered(const std::string &receipt, const std::vector<std::string> &recipients, const std::string &next_hop,
                      const std::string &tls, const std::string &answer, bool original_kept);
/// `each`: one recipient at least.
std::string deferred(const std::string &receipt, const std::vector<Notice::About> &each, UnixSeconds retry_at,
                     bool may_have_arrived);
/// A person's order that may have been recorded, under the word `order`, and was not carried out.  `receipt`: empty where it is of no mail.
std::string not_done(const std::string &receipt, const std::string &order, const std::string &error);
/// `recipients`: who did not get it.  `refused`: those of them of whom somebody said why.
std::string held(const std::string &receipt, const std::vector<std::string> &recipients, Reason reason,
                 const std::vector<Notice::About> &refused, bool others_have_it, bool may_have_arrived);
/// What each was told, as an array of JSON; `left_out`: for so many there was no room in about so many octets.
std::string answers(const std::vector<Notice::About> &about, std::size_t octets, std::size_t *left_out = nullptr);
/// Whether one was told something else than another.
bool differ(const std::vector<Notice::About> &about);

/// `own`: the notice's receipt.
std::string told(const Notice &notice, const std::string &own);
/// Under the notice's receipt; `about`: the mail's.
std::string notice_kept(const spool::Envelope &envelope, const std::string &about);
/// `why`: the limit in words.  `last`: the mail that was one too many.
std::string breaker_tripped(const std::string &relay, const std::string &why, const spool::Envelope &last);
/// The same of a relay from an outside zone, which goes on.
std::string mass_from_outside(const std::string &relay, const std::string &why, const spool::Envelope &last);
/// `who`: an object as text.
std::string breaker_armed(const std::string &relay, const std::string &reason, const std::string &stopped_since,
                          const std::string &who);

} // namespace sekisho::relay::events
