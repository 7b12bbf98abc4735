// Office files go through two workers: LibreOffice makes a PDF of them, a file worker draws that.
// Here: who is asked, and how the two answers become one outcome.  Private to client.
#pragma once

#include "sanitizer/client/zygote.hh"
#include "sanitizer/job/job.hh"

#include <memory>
#include <mutex>
#include <semaphore>
#include <string>

namespace sekisho::client {

/// sekisho-office, if there is one; for several threads.
class OfficeEngine {
  using Turns = std::counting_semaphore<>;
  struct Back {
    void operator()(Turns *turns) const { turns->release(); }
  };

public:
  /// The supervisor's channel, borrowed; -1: none.
  explicit OfficeEngine(int channel);
  /// One of our own, started when it is first needed; empty or not there: none.
  explicit OfficeEngine(std::string program);

  /// Who has one may ask for workers, one at a time; it must not outlive this.  As many as work well at once.
  using Turn = std::unique_ptr<Turns, Back>;
  Turn try_turn();
  Turn wait_for_turn();

  /// A worker that has started and said it is there; waits until `until`.
  Result<Stream, Trouble> ask(std::uint32_t worker_ms, std::uint64_t until);

private:
  std::shared_ptr<Zygote> get();
  void forget(const std::shared_ptr<Zygote> &dead);

  Turns turns_;
  std::mutex mutex_; // for what follows
  std::string program_;
  std::shared_ptr<Zygote> nursery_;
};

/// Whether the file worker found an Office file that only LibreOffice can treat.
bool is_for_office(const job::Outcome &looked_at, const job::Plan &plan);
/// When LibreOffice is to be done, so that there is time for the drawing.
std::uint64_t printed_until(std::uint64_t deadline);
/// The document as a PDF that no verifier has seen: for drawing_job() only.
Result<Buffer, Reason> print_by_office(Stream worker, const job::Job &job, std::uint64_t until);
Reason office_reason(Trouble trouble);
/// What LibreOffice could not do, told of the file that it got.
job::Outcome not_drawn(job::Outcome looked_at, Reason part_reason, const job::Plan &plan);
/// The job of drawing the PDF, which must outlive it.
job::Job drawing_job(const job::Job &office_file, Bytes pdf);
/// The drawn pages, told of the Office file.
job::Outcome drawn(job::Outcome looked_at, job::Outcome pages, const job::Plan &plan);

} // namespace sekisho::client
