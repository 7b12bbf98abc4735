// Whether the record is whole: reads every line of every file, and `head`.
#pragma once

#include "gateway/record/files.hh"

#include <vector>

namespace sekisho::record {

struct Fault {
  std::string place; // "record-20261120-001.jsonl:17", or "head"
  std::string what;
};

struct Verification {
  std::vector<Fault> faults; // in the order of the record; at most 100
  std::vector<Fault> notes;  // not broken, but worth knowing
  std::uint64_t files = 0, lines = 0;
  Link first, last;
  std::string last_time; // of the last line
  bool whole() const { return faults.empty(); }
};

/// May run beside the writer.  `expected`, when its seq is not 0: a line noted down earlier, which must still
/// stand there.  Errors: the folder cannot be read, or holds no record.
Result<Verification> verify(const std::string &folder, const Link &expected = {});

} // namespace sekisho::record
