// rebuild-files FOLDER FILE…: each through rebuild::file in this process.  What comes out clean and
// verified is written to FOLDER as NUMBER.KIND; a line a file says what became of it.
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/verify/verify.hh"

#include <cstdio>
#include <fstream>
#include <iterator>

int main(int count, char **words) {
  using namespace sekisho;
  if (count < 3) return std::fputs("usage: rebuild-files FOLDER FILE...\n", stderr), 2;
  int status = 0;
  for (int i = 2; i < count; ++i) {
    std::ifstream in(words[i], std::ios::binary);
    const std::string octets{std::istreambuf_iterator<char>(in), {}};
    job::Job job;
    job.bytes = as_bytes(octets);
    job.plan.treatments.fill(job::Treatment::render);
    const job::Outcome outcome = rebuild::file(job);
    const bool clean = outcome.status == job::Status::clean;
    const std::string kind(
        word_of(clean ? outcome.output_kind : outcome.report.parts.front().kind));
    const std::string name = std::to_string(i - 2) + "." + kind;
    if (clean) {
      if (!verify::Verifier::accept(outcome.output_kind, Untrusted(outcome.output))) status = 1;
      std::ofstream(std::string(words[1]) + "/" + name, std::ios::binary)
          << as_chars(outcome.output);
    }
    std::printf("%s\t%s\t%s\n", words[i], clean ? name.c_str() : "-",
                clean ? "" : std::string(word_of(outcome.reason)).c_str());
  }
  return status;
}
