// Any octets as a worker's answer, and as a file inside that it wants treated: what is accepted is what encode() could
// have written.
#include "base/check.hh"
#include "sanitizer/job/codec.hh"

#include <algorithm>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  const Bytes octets = std::as_bytes(std::span(data, size));
  if (Result<job::Outcome> outcome = job::decode_outcome(octets, 1 << 20)) {
    CHECK(std::ranges::equal(job::encode(*outcome), octets));
    (void)job::to_json(*outcome);
  }
  if (Result<job::Job> job = job::decode_job(octets)) CHECK(std::ranges::equal(job::encode(*job), octets));
  return 0;
}
