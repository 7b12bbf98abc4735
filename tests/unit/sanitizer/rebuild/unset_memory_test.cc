// The same file, plan and version, the same output, whatever stood in memory before: a decoder that leaves pixels
// unset would show what another file left there.
#include "sanitizer/rebuild/rebuild.hh"
#include "tests/unit/sanitizer/corpus.hh"

#include <gtest/gtest.h>

#include <algorithm>
#include <malloc.h>

namespace sekisho::rebuild {
namespace {

namespace fs = std::filesystem;

job::Outcome treated_in_memory_of(const std::string &octets, int filling, job::Treatment treatment) {
  mallopt(M_PERTURB, filling); // 0 is none
  job::Job job;
  job.plan.treatments.fill(treatment);
  job.plan.max_pixels = 1 << 22;
  job.plan.max_pages = 20;
  job.bytes = as_bytes(octets);
  job::Outcome outcome = file(job);
  mallopt(M_PERTURB, 0);
  return outcome;
}

std::vector<fs::path> kept_inputs() {
  std::vector<fs::path> inputs;
  const char *more = std::getenv("SEKISHO_INPUTS");
  const fs::path kept = fs::path(std::getenv("SOURCE")) / "tests/fuzz/corpus";
  for (const fs::path &folder : more ? std::vector<fs::path>{more}
                                     : std::vector<fs::path>{kept / "image", kept / "ooxml", kept / "odf", kept / "rtf", kept / "archive"})
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder))
      if (entry.is_regular_file()) inputs.push_back(entry.path());
  std::ranges::sort(inputs);
  return inputs;
}

TEST(UnsetMemory, shows_in_no_output) {
  unsigned clean = 0;
  for (const fs::path &path : kept_inputs()) {
    const std::string octets = corpus::read(path);
    for (job::Treatment treatment : {job::Treatment::render, job::Treatment::rebuild, job::Treatment::text}) {
      const job::Outcome one = treated_in_memory_of(octets, 0x55, treatment);
      const job::Outcome other = treated_in_memory_of(octets, 0xa3, treatment);
      clean += one.status == job::Status::clean;
      EXPECT_EQ(one.status, other.status) << path;
      EXPECT_TRUE(one.output == other.output) << path << " " << static_cast<int>(treatment);
    }
  }
  EXPECT_GT(clean, 20u);
}

} // namespace
} // namespace sekisho::rebuild
