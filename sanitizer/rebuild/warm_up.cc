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
#include "sanitizer/rebuild/rebuild.hh"
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

constexpr std::string_view everyday_mail =
    "From: =?UTF-8?B?5bGx55Sw?= <a@example.jp>\r\nTo: b@example.jp\r\nSubject: =?ISO-2022-JP?B?GyRCMnE1RBsoQg==?=\r\n"
    "Date: Mon, 2 Mar 2026 09:00:00 +0900\r\nMessage-ID: <1@example.jp>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
    "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
    "--a\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n\x1b$B2q5D\x1b(B\r\n"
    "--a\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<p>=E4=BC=9A&nbsp;<a href=3D\"https://example.jp/\">x</a><script>1</script>\r\n--a--\r\n"
    "--m\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename=a.pdf\r\n\r\nJVBERi0xLjQK\r\n--m--\r\n";

/// What a mail worker would make at its first mail, each anew.
void warm_up_mail() {
  job::Job job;
  job.what = job::What::mail;
  job.bytes = as_bytes(everyday_mail);
  (void)mail(job, [](const job::Job &) { return job::Outcome(); });
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
  warm_up_mail();
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
