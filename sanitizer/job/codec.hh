// Job and Outcome as octets.  Both sides use it; decode() treats its input as hostile: every length
// and enumerator is range-checked, and nothing may be left over.
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"

namespace sekisho::job {

Buffer encode(const Job &job);
/// All of that but the octets of the mail or file, which are its end: whoever sends them behind it need not copy them.
Buffer encode_head(const Job &job);
/// The Job's `bytes` point into `encoded`.
Result<Job> decode_job(Bytes encoded);

Buffer encode(const Outcome &outcome);
/// `max_output`: octets of output accepted; more is an error, as is a clean outcome without output
/// or an unclean one with it.
Result<Outcome> decode_outcome(Bytes encoded, std::size_t max_output);

struct JsonMember {
  std::string_view name, text; // an empty text is left out
};
/// The report as one JSON object (RFC 8259, docs/report.schema.json), keys in the order of the struct, reasons as
/// words; behind `in_front`.
std::string to_json(const Outcome &outcome, const std::vector<JsonMember> &in_front = {});

} // namespace sekisho::job
