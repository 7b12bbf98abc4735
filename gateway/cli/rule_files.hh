// Rule files from disk, for every command that takes --rules.
#pragma once

#include "base/result.hh"
#include "rules/compile.hh"

#include <string>
#include <vector>

namespace sekisho::cli {

/// One file, at most 16 MiB; "-" is standard input.
Result<rules::SourceFile> read_rule_file(const std::string &path);

/// All of them as one policy, with the notes that they name.  A folder stands for the *.rules files in
/// it, in order of their names.
Result<std::vector<rules::SourceFile>> read_rule_files(const std::vector<std::string> &paths);

/// Reads and compiles; what is wrong is printed to standard error.  Null when there is any error.
std::shared_ptr<const rules::RuleSet> compile_rule_files(const std::vector<std::string> &paths,
                                                         UnixSeconds now);

/// Whether to colour what goes to this descriptor: a terminal, and NO_COLOR not set.
bool wants_colour(int fd);

} // namespace sekisho::cli
