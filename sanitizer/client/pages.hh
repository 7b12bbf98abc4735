// A PDF whose pages other processes print: asked for page by page, over as many workers as there are
// processors, put together and read back here while the next ones are printed; private to client.
#pragma once

#include "sanitizer/client/zygote.hh"
#include "sanitizer/job/job.hh"

namespace sekisho::client {

/// `first`: a worker that has the job; `untrusted_about`: the pages frame it answered with.  The
/// same output however many workers there are.  A clean outcome was read back by
/// verify::PdfReading.  Errors are outcomes that are not clean.
job::Outcome print_pdf(Zygote &zygote, const job::Job &job, Stream first, Bytes untrusted_about,
                       std::uint64_t deadline);

/// What a worker answered instead of a page or result: never clean.
job::Outcome refusal(Bytes untrusted_outcome);

job::Outcome refused(Reason reason);
Reason job_reason(Trouble trouble);
std::uint32_t milliseconds_until(std::uint64_t deadline);

} // namespace sekisho::client
