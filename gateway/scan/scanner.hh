// A virus scanner behind a unix socket (H5): clamd.  Blocks; whoever must not block asks from a thread of its own.
#pragma once

#include "gateway/scan/clamd.hh"
#include "sanitizer/job/job.hh"

namespace sekisho::scan {

struct ScannerOptions {
  std::string socket;                    // its path
  std::uint32_t definitions_days = 3;    // older ones are as good as none; 0: their age is not asked
  std::uint32_t deadline_ms = 60'000;    // of one scan
};

class Scanner {
public:
  explicit Scanner(ScannerOptions options) : options_(std::move(options)) {}

  /// Anything but `clean` means that the mail or file must not go on.  Never throws.
  Answer scan(Bytes untrusted, UnixSeconds now);

private:
  Answer look_at_definitions(UnixSeconds now, std::uint64_t deadline);

  ScannerOptions options_;
  UnixSeconds good_until_ = 0; // the definitions were looked at lately and were young enough
};

/// The outcome of a job that the scanner did not pass: held, with its words.  `answer` is not clean.
job::Outcome held_outcome(const Answer &answer, const job::Job &job);

} // namespace sekisho::scan
