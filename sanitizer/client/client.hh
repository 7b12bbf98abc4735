// The gateway's side of the worker border: start, feed, deadline, reap.  Whatever comes back is hostile.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "sanitizer/job/job.hh"

#include <memory>
#include <string>

namespace sekisho::client {

/// Talks to one sanitizer zygote over a SOCK_SEQPACKET channel: each worker is asked for by sending one end
/// of a fresh stream socket.  Not thread-safe: one Sanitizer a thread, several may share a zygote.
class Sanitizer {
public:
  /// Starts a private `sekisho-sanitizer` (command line tools), and with the first Office file a private
  /// `sekisho-office`.  Both are paths; the second may be empty or name nothing: then Office files are
  /// refused as part_engine_missing where LibreOffice would have to draw them.
  static Result<Sanitizer> start(const std::string &program, const std::string &office = {});
  /// Uses a zygote and, unless -1, an office nursery that the supervisor runs.  Both channels are borrowed and
  /// must outlive this.
  static Sanitizer over(int zygote, int office = -1);
  /// One more, for another thread: started as this one, which was, and with the same `sekisho-office`.
  Result<Sanitizer> another() const;

  Sanitizer(Sanitizer &&) noexcept;
  Sanitizer &operator=(Sanitizer &&) noexcept;
  ~Sanitizer();

  /// Blocks until the outcome is there or the plan's deadline (plus a second) is over; where LibreOffice has to be
  /// waited for, that begins anew when it is there.  Never throws; a
  /// crash, a timeout or an odd reply is an outcome that is not clean.  A clean mail has passed
  /// verify::accept_mail here, a clean file its own verifier.  `known_sha256`: of the job's octets, where the caller
  /// has it (64 hex digits).
  job::Outcome sanitize(const job::Job &job, const std::string &known_sha256 = {});

private:
  struct State;
  explicit Sanitizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace sekisho::client
