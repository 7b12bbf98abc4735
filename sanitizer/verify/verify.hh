// Reads back what rebuild wrote, with other code, and refuses whatever lies outside the small
// grammar that rebuild may write.  (NCSC "transform, then verify"; NIST SP 800-53 AC-4(27).)
#pragma once

#include "base/result.hh"
#include "base/untrusted.hh"
#include "sanitizer/verify/clean_part.hh"

#include <cstdint>

namespace sekisho::verify {

/// A time of base/clock's monotonic_ns().  Reading back is looked at between parts and pages.
using Deadline = std::uint64_t;
constexpr Deadline no_deadline = UINT64_MAX;

class Verifier {
public:
  /// Accepts a rebuilt file of the given kind: pdf (only our writer's objects), jpeg (baseline or
  /// progressive, no APPn but JFIF, no COM, nothing after EOI), png (IHDR PLTE tRNS IDAT IEND, CRCs right),
  /// gif (frames, no comment or application data but the loop count), tiff (one strip a page, no other tag)
  /// ooxml_word, ooxml_sheet, ooxml_slides, odf (parts, elements and attributes of a list, pictures as above)
  /// or text (see accept_text).  Errors: part_verify_failed,
  /// part_timeout.  `pdf_text`: where the invisible text of a PDF goes, read on the way; not yet what
  /// accept_text takes.
  static Result<CleanPart, Reason> accept(job::Kind kind, Untrusted<Buffer> rebuilt,
                                          Deadline deadline = no_deadline,
                                          std::string *pdf_text = nullptr);
  /// Accepts well-formed UTF-8 without control characters but TAB and LF, without bidirectional controls.
  static Result<CleanPart, Reason> accept_text(Untrusted<std::string> text);
};

/// Re-reads a whole mail that rebuild wrote: header fields of the allow-list only, ASCII, the structure
/// text/plain or multipart/mixed of text and files that Verifier accepts, base64 bodies, no other octet anywhere.
/// Used on the gateway's side of the worker border.  Errors: job_verify_failed.
Result<void, Reason> accept_mail(Bytes mail, Deadline deadline = no_deadline);

} // namespace sekisho::verify
