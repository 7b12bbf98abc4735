// Any octets as a worker's answer: what is accepted is what encode() could have written.
#include "base/check.hh"
#include "sanitizer/job/codec.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  Bytes octets = std::as_bytes(std::span(data, size));
  Result<job::Outcome> outcome = job::decode_outcome(octets, 1 << 20);
  if (!outcome) return 0;
  Buffer again = job::encode(*outcome);
  CHECK(again.size() == size && std::equal(again.begin(), again.end(), octets.begin()));
  (void)job::to_json(*outcome);
  return 0;
}
