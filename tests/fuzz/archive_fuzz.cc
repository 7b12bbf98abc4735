// Any octets as an archive, zip or one of libarchive's, members treated in the same process: clean means
// that the re-reader accepts it.
#include "base/check.hh"
#include "sanitizer/job/codec.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"

namespace {

using namespace sekisho;

job::Outcome treat_inside(const job::Job &job) {
  job::Job inner = job;
  if (inner.plan.archive_depth > 0) --inner.plan.archive_depth;
  return rebuild::file(inner, treat_inside);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  job::Job job;
  job.name = "a.zip";
  job.bytes = std::as_bytes(std::span(data, size));
  job.plan.max_input = job.plan.max_output = 4u << 20;
  job.plan.max_parts = 20;
  const auto set = [&](job::KindClass kind, job::Treatment treatment) {
    job.plan.treatments[static_cast<std::size_t>(kind)] = treatment;
  };
  set(job::KindClass::archive, job::Treatment::unpack);
  set(job::KindClass::text, job::Treatment::text);
  set(job::KindClass::mail, job::Treatment::text);
  const job::Outcome outcome = rebuild::file(job, treat_inside);
  CHECK(job::decode_outcome(job::encode(outcome), job.plan.max_output));
  if (outcome.status == job::Status::clean)
    CHECK(verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output)).has_value());
  return 0;
}
