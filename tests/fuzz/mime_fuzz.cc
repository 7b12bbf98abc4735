// Any octets as a mail, through the whole rebuilding: clean means that the re-reader accepts it.
#include "base/check.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "tests/unit/sanitizer/mail/plans.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  job::Job job = plans::mail_job(std::as_bytes(std::span(data, size)));
  job::Outcome outcome = rebuild::mail(job, plans::treat_file);
  CHECK(job::decode_outcome(job::encode(outcome), job.plan.max_output));
  if (outcome.status == job::Status::clean) CHECK(verify::accept_mail(outcome.output).has_value());
  return 0;
}
