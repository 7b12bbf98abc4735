// How a mail released from the hold is to be treated: what a person asked for instead of the relay's own plan (L11, X5).
#pragma once

#include "base/result.hh"
#include "sanitizer/job/job.hh"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sekisho::relay {

struct Release {
  /// What is not named is as `any`, as in rules; where that is not named either it stays as the relay's.
  std::vector<std::pair<job::KindClass, job::Treatment>> plan;
  std::string original_by; // not empty: the original itself, which this user asked for
};

/// "pdf render office text", or "original USER": what the spool keeps with the mail.  Nothing of either: the
/// relay's own plan.  Errors: a class or treatment that is none, or not offered together.
Result<Release> read_release(std::string_view words);
std::string to_words(const Release &release);

/// Everything that this version can make harmless and keep; what it cannot (encrypted, any) is taken out.
Release widest();

job::Plan widened(job::Plan plan, const Release &release);

} // namespace sekisho::relay
