// Mails by what is known of them (L11): receipt, message-id, sender, recipient, subject, hash, time.
//
//   question  one flat JSON object: "receipt", "message_id", "sender", "recipient", "subject", "hash" (texts), "since", "until"
//             (seconds since 1970), "limit", "stories" (true); what is given must all fit, and something must be
//   answer    {"mails": [{"receipt", "time", "relay", "client", "sender", "recipients", "subject", "message_id", "outcome",
//              "reason", "next_hop", "answer", "answers", "last_event", "lines": ["{…}"…]}…], newest first; members that are not known are
//              left out; lines (of the record, as they stand there) for stories, and where one mail alone fits
//              "more": true where the limit, or the time for one answer, ended it,
//              "behind": true where the index does not know the whole record yet,
//              "percent": of the record that it knows}
#pragma once

#include "gateway/record/index.hh"

#include <nlohmann/json.hpp>

namespace sekisho::record {

/// `end`: of the record now (Journal::end); the index follows to there first, within a part of the time for one answer.
/// Errors: no such question, the record is not whole, the index cannot be used; for a person.
Result<nlohmann::ordered_json> search(Index &index, const Position &end, std::string_view untrusted_question);

} // namespace sekisho::record
