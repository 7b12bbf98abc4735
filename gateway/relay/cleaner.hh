// What makes a mail harmless, as the relay sees it: client::Sanitizer, or a test's stand-in.
#pragma once

#include "sanitizer/job/job.hh"

#include <functional>
#include <memory>

namespace sekisho::relay {

class Cleaner {
public:
  virtual ~Cleaner() = default;
  /// Blocks up to the plan's deadline.  `known_sha256`: of the job's octets; empty: not known yet.
  virtual job::Outcome sanitize(const job::Job &job, const std::string &known_sha256) = 0;
};
/// One a thread.
using MakeCleaner = std::function<std::unique_ptr<Cleaner>()>;

/// Workers of the zygote and, unless -1, of the office nursery behind these channels (borrowed).
MakeCleaner cleaners_over(int zygote, int office);

} // namespace sekisho::relay
