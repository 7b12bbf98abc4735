// A document through rebuild and verify, and what is left of it.
#pragma once

#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"
#include "sanitizer/zip/unpack.hh"

#include <gtest/gtest.h>

#include <algorithm>

namespace sekisho::support {

inline job::Plan plan() {
  job::Plan plan;
  plan.treatments[static_cast<std::size_t>(job::KindClass::office)] = job::Treatment::rebuild;
  plan.treatments[static_cast<std::size_t>(job::KindClass::image)] = job::Treatment::render;
  return plan;
}

inline job::Outcome run(const std::string &octets, const job::Plan &chosen = plan()) {
  job::Job job;
  job.plan = chosen;
  job.bytes = as_bytes(octets);
  const rebuild::TreatFile here = [](const job::Job &inside) { return rebuild::file(inside); };
  job::Outcome outcome = rebuild::file(job, here);
  if (outcome.status == job::Status::clean) {
    EXPECT_TRUE(verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output)));
    EXPECT_EQ(rebuild::file(job, here).output, outcome.output) << "the same again";
  }
  return outcome;
}

/// All parts of a result, one after the other.
inline std::string all_of(const job::Outcome &outcome) {
  EXPECT_EQ(outcome.status, job::Status::clean) << word_of(outcome.reason);
  const zip::Archive archive = zip::read(outcome.output);
  EXPECT_EQ(archive.first_fault().reason, Reason::none);
  std::string all;
  zip::Unpacker unpacker;
  for (const zip::Member &member : archive.members)
    all += member.name + "\n" + std::string(as_chars(*unpacker.unpack(member))) + "\n";
  return all;
}

inline bool says(const job::Outcome &outcome, Reason reason) {
  const std::vector<Reason> &reasons = outcome.report.parts.at(0).reasons;
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

} // namespace sekisho::support

#define EXPECT_HAS(all, text) EXPECT_NE((all).find(text), std::string::npos) << (all)
#define EXPECT_LACKS(all, text) EXPECT_EQ((all).find(text), std::string::npos) << (all)
