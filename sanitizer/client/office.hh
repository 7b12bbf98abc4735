// Office files go through two workers: LibreOffice makes a PDF of them, a file worker draws that.
// Here: who is asked, and how the two answers become one outcome.  Private to client.
#pragma once

#include "sanitizer/client/zygote.hh"
#include "sanitizer/job/job.hh"

#include <optional>

namespace sekisho::client {

/// The channel to sekisho-office, if there is one.
class OfficeEngine {
public:
  /// The supervisor's channel, borrowed; -1: none.
  explicit OfficeEngine(int channel);
  /// One of our own, started when it is first needed; empty or not there: none.
  explicit OfficeEngine(std::string program);
  /// Null: there is none.
  Zygote *get();

private:
  std::string program_;
  std::optional<Zygote> nursery_;
};

/// Whether the file worker found an Office file that only LibreOffice can treat.
bool is_for_office(const job::Outcome &looked_at, const job::Plan &plan);
/// The document as a PDF that no verifier has seen: for drawing_job() only.  Takes a part of the
/// time until `deadline`; the rest is for the drawing.
Result<Buffer, Reason> print_by_office(Zygote &nursery, const job::Job &job,
                                       std::uint64_t deadline);
/// What LibreOffice could not do, told of the file that it got.
job::Outcome not_drawn(job::Outcome looked_at, Reason part_reason, const job::Plan &plan);
/// The job of drawing the PDF, which must outlive it.
job::Job drawing_job(const job::Job &office_file, Bytes pdf);
/// The drawn pages, told of the Office file.
job::Outcome drawn(job::Outcome looked_at, job::Outcome pages, const job::Plan &plan);

} // namespace sekisho::client
