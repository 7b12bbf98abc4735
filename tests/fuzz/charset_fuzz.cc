// Any octets under any label: valid UTF-8 comes out, in length bounded by what went in; cleaned and
// flowed text stays clean; calendars and cards are read.
#include "base/check.hh"
#include "base/reason.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/mail/calendar_text.hh"
#include "sanitizer/text/charset.hh"
#include "sanitizer/text/clean.hh"
#include "sanitizer/text/flowed.hh"
#include "sanitizer/verify/verify.hh"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  using namespace sekisho;
  constexpr std::string_view labels[] = {"",         "us-ascii",    "utf-8",       "utf-16",
                                         "utf-16be", "utf-32",      "iso-2022-jp", "shift_jis",
                                         "euc-jp",   "gb18030",     "hz-gb-2312",  "big5",
                                         "euc-kr",   "iso-2022-kr", "utf-7",       "koi8-r"};
  if (size == 0) return 0;
  const Bytes octets = std::as_bytes(std::span(data, size)).subspan(1);
  const text::Decoded decoded = text::decode_labelled(octets, labels[data[0] % std::size(labels)]);
  CHECK(utf8_valid(decoded.text));
  CHECK(decoded.text.size() <= octets.size() * 4 + 8);
  text::Findings findings;
  const std::string clean =
      text::clean(decoded.text, findings, static_cast<text::Carrier>(data[0] >> 4 & 3));
  CHECK(verify::Verifier::accept_text(Untrusted(clean)).has_value());
  CHECK(
      verify::Verifier::accept_text(Untrusted(text::unflowed(clean, data[0] & 0x40))).has_value());
  std::vector<Reason> left_out;
  CHECK(utf8_valid(rebuild::calendar_text(decoded.text, left_out)));
  CHECK(utf8_valid(rebuild::card_text(decoded.text, left_out)));
  return 0;
}
