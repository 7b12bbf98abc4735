// Any octets as HTML of any charset: the text is clean and not much longer than what it came from.
#include "base/check.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/verify/verify.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  constexpr std::string_view charsets[] = {"utf-8",  "iso-2022-jp", "shift_jis", "euc-jp",
                                           "big5",   "gb18030",     "euc-kr",    "utf-16",
                                           "hz",     "iso-2022-kr", "koi8-r",    ""};
  if (size == 0) return 0;
  Bytes octets = std::as_bytes(std::span(data, size)).subspan(1);
  rebuild::PlainText plain =
      rebuild::plain_text(octets, job::Kind::html, charsets[data[0] % std::size(charsets)]);
  CHECK(plain.text.size() <= octets.size() * 16 + 64);
  CHECK(verify::Verifier::accept_text(Untrusted(std::move(plain.text))).has_value());
  return 0;
}
