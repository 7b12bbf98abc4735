// Any octets, by the first of them: as a page that a worker printed (whatever can be written of it is
// read back or refused), as a PDF or a fax to read back, as a PDF to look for names in.
#include "base/check.hh"
#include "sanitizer/rebuild/pdf/page_codec.hh"
#include "sanitizer/rebuild/pdf/pdf_findings.hh"
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/pdf_reading.hh"

namespace {

using namespace sekisho;

void write_and_read_back(Bytes octets) {
  const Result<rebuild::PrintedPage> page = rebuild::decode_page(octets);
  if (!page) return;
  CHECK(rebuild::encode(*page) == to_buffer(octets));
  rebuild::PdfWriter writer;
  verify::PdfReading reading;
  if (!writer.add_page(*page) || !reading.read_page(writer.written())) return;
  const Buffer whole = writer.finish();
  CHECK(reading.read_end(whole));
  CHECK(verify::is_our_pdf(whole, verify::no_deadline));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  if (size < 3) return 0;
  const Bytes octets = std::as_bytes(std::span(data, size)).subspan(3);
  switch (data[0] % 4) {
  case 0: write_and_read_back(octets); break;
  case 1: (void)verify::is_our_pdf(octets, verify::no_deadline); break;
  case 2: (void)verify::is_our_fax(octets, data[1] * 5u + 1, data[2] % 16u + 1); break;
  default: (void)rebuild::names_in_pdf(octets); break;
  }
  return 0;
}
