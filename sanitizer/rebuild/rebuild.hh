// One format, one file, one signature: hostile octets in, newly built octets out, or a named reason.
#pragma once

#include "base/result.hh"
#include "base/untrusted.hh"
#include "sanitizer/job/job.hh"

#include <functional>

namespace sekisho::rebuild {

/// Newly built octets, not yet verified.
struct Rebuilt {
  job::Kind kind = job::Kind::unknown; // one that may leave: see verify::Verifier::accept
  Buffer bytes;
  std::vector<Reason> reasons; // what was done and what was found on the way
};

using Input = Untrusted<Bytes>;

/// Hands one file (an attachment, a picture of a document, a member of an archive) to a process of its
/// own and brings back what that process made of it.  The answer is as hostile as the file: the caller
/// verifies it.
using TreatFile = std::function<job::Outcome(const job::Job &)>;

Result<Rebuilt, Reason> pdf(const Input &input, const job::Plan &plan);  // render (pdf.cc)
Result<Rebuilt, Reason> pdf_text(const Input &input, const job::Plan &plan); // its text alone (pdf.cc)
Result<Rebuilt, Reason> jpeg(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // decode, orient, encode (jpeg.cc)
Result<Rebuilt, Reason> png(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // decode, encode (png.cc)
Result<Rebuilt, Reason> gif(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // each frame so, kept moving (gif.cc)
Result<Rebuilt, Reason> bmp(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // decode, encode as PNG (bmp.cc)
Result<Rebuilt, Reason> webp(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // as JPEG or PNG (webp.cc)
Result<Rebuilt, Reason> tiff(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // every page (tiff.cc)
Result<Rebuilt, Reason> heif(const Input &input, const job::Plan &plan, const job::Cut &cut = {}); // as JPEG (heif.cc)
/// docx, xlsx, pptx, their macro and template kinds: rebuild (ooxml.cc).
Result<Rebuilt, Reason> ooxml_document(const job::Job &job, const TreatFile &treat_file);
/// odt, ods, odp, odg and their template kinds: rebuild (odf.cc).
Result<Rebuilt, Reason> odf_document(const job::Job &job, const TreatFile &treat_file);
/// Their words: text.
Result<Rebuilt, Reason> ooxml_text(const job::Job &job);
Result<Rebuilt, Reason> odf_text(const job::Job &job);
/// What such a package has that its pages do not show, by name; nothing of a kind that our own readers do not know.
/// Errors: why they cannot read it.  Asked before LibreOffice is, which may take all its time over it.
Result<std::vector<Reason>, Reason> ooxml_unseen(const job::Job &job);
Result<std::vector<Reason>, Reason> odf_unseen(const job::Job &job);
/// `kind`: of class text, or RTF.
Result<Rebuilt, Reason> text(const Input &input, job::Kind kind, const job::Plan &plan); // any charset to clean UTF-8 (text.cc)

/// What is done with the pages of a PDF as they are printed.  `found`: reasons already known of the
/// file.
class PdfPages;
using TakePages = std::function<Result<Rebuilt, Reason>(PdfPages &pages, const job::Plan &plan,
                                                        const std::vector<Reason> &found)>;
/// Put together here.
Result<Rebuilt, Reason> join_pages(PdfPages &pages, const job::Plan &plan,
                                   const std::vector<Reason> &found);

/// Detects the kind, picks the treatment of the plan, rebuilds.  A whole file job as the file worker runs
/// it; an outcome that is not clean has no output.  Without `treat_file` no file inside can be treated,
/// and each is left out.  The hashes of the file and of the result are left to the gateway, as of a mail.
job::Outcome file(const job::Job &job, const TreatFile &treat_file = {},
                  const TakePages &take_pages = join_pages);

/// A whole mail job as the mail worker runs it: parse, text, treat each attachment, verify each result,
/// write the new mail with its note (H1, H2).  The hashes of the whole and of the result are left to the
/// gateway, which states them whatever a worker says; so is that of a file that `treat_file` took, if it gives one.
job::Outcome mail(const job::Job &job, const TreatFile &treat_file);

} // namespace sekisho::rebuild
