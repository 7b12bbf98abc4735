// The writer of the record: appends lines, makes them durable together, goes on after an interruption.
#pragma once

#include "gateway/record/event.hh"
#include "gateway/record/files.hh"

#include <span>
#include <vector>

namespace sekisho::record {

/// Where a line stands.
struct Position {
  std::string file; // its name in the folder
  std::uint64_t offset = 0;
  std::uint32_t length = 0; // octets without the line feed
};

class Journal {
public:
  /// Takes the folder (one writer at a time), looks for the end of the chain and mends what an interrupted
  /// write left: lines that were never complete are moved to `<file>.torn` and recorded.  A chain that ends
  /// before `head` is not mended: numbering goes on after head, so that the gap stays visible for ever.
  static Result<Journal> open(const std::string &folder, UnixSeconds now,
                              std::uint64_t max_file_size = 64u << 20);

  /// All of them on disk, or none: on failure the file is what it was before and the same may be tried again.
  /// Returns a position each.
  Result<std::vector<Position>> write(std::span<const Event> events, UnixSeconds now);

  const Link &last() const { return last_; }
  const std::string &file_name() const { return file_name_; }
  /// Behind the last line that is on disk; no file: there is none yet.
  Position end() const { return {file_name_, size_, 0}; }
  /// Flushes `head` too; for quiet moments.
  void flush_head();

private:
  Journal() = default;
  Result<std::vector<Event>> find_end();
  Result<void> move_aside(const std::string &name, std::string_view text, std::size_t keep,
                          std::vector<Event> &told);
  Result<void> start_file(UnixSeconds now);
  bool wants_new_file(UnixSeconds now) const;

  std::string folder_;
  std::uint64_t max_file_size_ = 0;
  UniqueFd folder_fd_, head_fd_, file_fd_;
  std::string file_name_; // the one being written; empty before the first
  std::uint64_t size_ = 0;
  Link last_;
};

} // namespace sekisho::record
