// What happened, as a role tells it: one JSON object, hostile until read here.
//
// Every event has "event" (a word of a-z and '-') and what belongs to it.  seq, time, role, prev and hash
// are the record's own: a role's members of these names are thrown away.  A mail's events all carry
// "receipt" (printable ASCII, at most 32 octets): `sekisho trace RECEIPT` gathers them.
//
// Where recipients[] has no room for all, recipients_left_out says how many more there are.
//
//   relay   mail-received   receipt relay client helo [tls] sender recipients[] [require_tls envelope_id notify[{recipient notify original}] notify_left_out] size sha256
//                           authentication(as in Authentication-Results) known[] (reasons found before treatment)
//           mail-resumed    receipt relay client helo sender recipients[] accepted   (left in the spool by an
//                           earlier process, which may have been cut off before mail-received was on disk)
//           mail-lost       receipt relay client helo sender recipients[] reason: harmed on disk; at each start until a person drops it
//           mail-refused    relay client helo sender recipient|recipients[] reason answer
//                           times senders_left_out   (repeats are summed up: gateway/relay/refusals.hh)
//           mail-treated    receipt outcome(clean|held|refused) reason report{job::to_json}
//           mail-delivered  receipt recipients[] next_hop [tls] answer original_kept
//           mail-deferred   receipt recipients[] next_hop reason answer retry_at
//           mail-held       receipt recipients[] reason [next_hop answer]
//           mail-bounced, mail-delay-told, mail-relay-told
//                           receipt notice(its receipt) sender recipients[] reason [next_hop] answer
//           in these four   [answers[{recipient reason [next_hop answer]}] answers_left_out]: where the first one's is not everybody's
//           mail-notice     receipt(the notice's) relay recipients[] about(the mail's receipt)
//           queue-held, queue-released, queue-flushed, queue-dropped
//                           receipt reason why(a person's words) who{uid,pid,user}
//           mail-released   receipt relay client helo sender recipients[] as: from the hold on its way once more
//           mail-not-held   receipt reason: the hold has no room or failed; the mail waits in the spool
//           mail-original-passed   receipt user: the one way on which an original leaves (X5)
//           hold-listed     who and what was chosen
//           hold-shown, hold-previewed, hold-released, hold-deleted, hold-refused
//                           receipt reason because as who{uid,user,pid}; before it is done
//           order-failed    receipt order(an event's word) error: may have been recorded, and was not carried out
//           hold-expired    receipt reason: kept as long as the rule says
//           disk-trouble, disk-well   what(spool|hold) state(slow|full|failed|damaged)
//           hold-full, hold-has-room  relay: mails wait for room in the hold, where what the rules grant is used up
//           clock-jumped     from to: set by a day or more, or the gateway did not run so long
//           certificate-ends relay what file ends in_days(negative: it has ended): once a day
//           breaker-tripped  relay reason limit client sender recipients[]   (M2; the mail that was one too many)
//           mass-from-outside   the same; the relay goes on and takes no more than that
//           breaker-armed    relay why stopped_since who{…}
//   path    flow-permitted  zone to(zone or gateway) rule source_mac protocol source destination source_port …
//           flow-ended      the same, packets octets seconds  (where the rule says `log ended`)
//           packet-refused  zone reason rule source_mac source destination … count  (summed up; addresses of the first)
//           device-new, device-unknown, device-moved, device-changed, device-contradicts
//                           mac zone from(moved: the zone it belongs to) address reason count  (Z5)
//           device-flood    count: so many of these were not told one by one
//   control trace-asked     asked{…} who{…}: what a person looked for
//   supervisor
//           daemon-started, daemon-stopped    version policy
//           role-started, role-died           name pid status
//           rules-loaded, rules-refused       policy files[] who{uid,user,pid} error
//           rules-applied                      the same, confirm_within added removed changes
//           rules-confirmed, rules-went-back  policy applied_by{…} who{…}; back: why(time|asked|restart)
//           zone-severed, zone-joined         zone who{…}
//           zone-not-kept                     zone error who{…}: cut off, and joined after a restart until zone-kept
//           zone-kept                         zone: now after a restart too
//           order-dropped, order-failed       order{…}: one of the above that was recorded and not done; error
//   record  record-started  record-recovered  record-broken  record-resumed  bad-event
#pragma once

#include "base/result.hh"

#include <string>
#include <string_view>

namespace sekisho::record {

constexpr std::size_t max_event = 160 * 1024; // octets of one event as sent
constexpr int max_event_depth = 16;           // nesting of arrays and objects

/// An event that may be written: valid UTF-8 JSON on one line.
struct Event {
  std::string word;
  std::string receipt; // empty when it belongs to no mail
  std::string members; // `"event":"…","role":"…",…`: the members without braces, no line break inside
};

/// `role` says by whose channel it came, whatever the event itself claims.
/// Errors: not JSON, not an object, no proper "event", too big, nested too deep.
Result<Event> read_event(std::string_view role, std::string_view untrusted);

} // namespace sekisho::record
