// The record's folder: record-YYYYMMDD-NNN.jsonl in the order of their names, and `head`.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "gateway/record/chain.hh"

#include <string>
#include <vector>

namespace sekisho::record {

/// Names of the record files in `folder`, oldest first.  Errors: the folder cannot be read.
Result<std::vector<std::string>> list_files(const std::string &folder);

/// The name after `last` (empty: none yet) for this day.  Never sorts before `last`, whatever the clock says.
std::string next_name(const std::string &last, UnixSeconds now);

/// Behind all that a clock can have said while anything was written into `folder`, where `now` is days before that; else 0.
UnixSeconds end_beyond(const std::string &folder, UnixSeconds now);

/// The whole of a file.  Errors: cannot be read, above 1 GiB.
Result<std::string> read_file(const std::string &path);

/// Writes all of `text` at `offset`.
Result<void> write_at(int fd, std::string_view text, std::uint64_t offset);

/// `head` tells where the chain ends, so that a tail cut off is noticed.  One line, 256 octets, written in
/// place after the lines it speaks of are on disk.
struct Head {
  Link link;
  std::string file;
};
std::string encode_head(const Head &head);
/// Line number 0: it could not be read.
Head decode_head(std::string_view text);
inline std::string head_path(const std::string &folder) { return folder + "/head"; }

} // namespace sekisho::record
