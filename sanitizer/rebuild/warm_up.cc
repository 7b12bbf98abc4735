#include "sanitizer/rebuild/warm_up.hh"

#include "sanitizer/detect/library.hh"
#include "sanitizer/job/digest.hh"
#include "sanitizer/rebuild/archive/archive.hh"
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/pdf/fonts.hh"
#include "sanitizer/rebuild/picture/heif_decoders.hh"
#include "sanitizer/rebuild/office/odf_names.hh"
#include "sanitizer/rebuild/office/ooxml_names.hh"
#include "sanitizer/rebuild/pdf/pdfium.hh"
#include "sanitizer/rebuild/self_test.hh"

#include <cstdlib>
#include <ctime>
#include <vector>

namespace sekisho::rebuild {
namespace {

int compare_integers(const void *a, const void *b) {
  const int left = *static_cast<const int *>(a), right = *static_cast<const int *>(b);
  return (left > right) - (left < right);
}

// glibc reads /etc/localtime at the first local time and asks sysinfo at the first large qsort;
// both would be the end of a jailed worker.
void warm_up_libc() {
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  std::vector<int> numbers(4096);
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<int>(i * 7919 % 4096);
  std::qsort(numbers.data(), numbers.size(), sizeof(int), compare_integers);
}

} // namespace

Engines warm_up(const std::string &pdfium_library) {
  warm_up_libc();
  job::warm_up_digest();
  warm_up_colours();
  warm_up_heif();
  ooxml::load_names();
  odf::load_names();
  warm_up_archives();
  Engines engines;
  if (!detect::load_library())
    engines.missing.push_back("libmagic's database: no second opinion (apt install libmagic1)");
  map_fonts();
  if (!have_japanese_fonts())
    engines.missing.push_back("a Japanese font (apt install fonts-ipafont)");
  Result<void> pdfium = pdfium::load(pdfium_library);
  if (!pdfium) {
    engines.missing.push_back(pdfium.error().what);
    return engines;
  }
  engines.pdf = draws_japanese_page();
  if (!engines.pdf) {
    engines.missing.push_back("a PDFium that draws Japanese text: its test page stayed blank");
    pdfium::unload();
  }
  return engines;
}

} // namespace sekisho::rebuild
