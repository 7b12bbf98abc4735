// Any octets as RTF: the text is clean and not much longer than what it came from.
#include "base/check.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/verify/verify.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  const Bytes octets = std::as_bytes(std::span(data, size));
  rebuild::PlainText plain = rebuild::plain_text(octets, job::Kind::rtf, "");
  CHECK(plain.text.size() <= octets.size() * 16 + 64);
  CHECK(verify::Verifier::accept_text(Untrusted(std::move(plain.text))).has_value());
  return 0;
}
