// Any octets as a picture, through the file worker's whole treatment: clean means that the
// re-reader accepts it, and the same again.
#include "base/check.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"

/// The product has new memory read as 0 where libde265 leaves some unset; the sanitizer's malloc() has to be told.
extern "C" const char *__asan_default_options() { return "max_malloc_fill_size=1073741824:malloc_fill_byte=0"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  job::Job job;
  job.bytes = std::as_bytes(std::span(data, size));
  job.plan.treatments[static_cast<std::size_t>(job::KindClass::image)] = job::Treatment::render;
  job.plan.max_pixels = 1 << 20;
  job.plan.max_pages = 20;
  const job::Outcome outcome = rebuild::file(job);
  if (outcome.status != job::Status::clean) return 0;
  CHECK(verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output)).has_value());
  CHECK(rebuild::file(job).output == outcome.output);
  return 0;
}
