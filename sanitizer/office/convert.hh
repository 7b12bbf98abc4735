// One document to PDF, by LibreOffice in this process.  The PDF is as hostile as the document: it
// is made to be drawn by a file worker, never to be handed on.
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/office/kit.hh"

namespace sekisho::office {

/// Files go through `scratch`, the only folder that can be written to.
class Converter {
public:
  Converter(kit::Office &office, std::string scratch);
  /// Small documents of each application, so that what is loaded with the first one is there.
  void warm_up();
  /// A whole job: clean with a PDF, or refused (part_encrypted, part_engine_refused, part_too_big).
  job::Outcome convert(const job::Job &job);

private:
  Result<Buffer, Reason> to_pdf(Bytes document, std::string_view ending, const job::Plan &plan);

  kit::Office &office_;
  std::string scratch_;
  bool asked_for_password_ = false;
  std::string url_; // of the document being opened
};

} // namespace sekisho::office
