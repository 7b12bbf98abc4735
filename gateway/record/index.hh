// Which lines speak of a receipt: a SQLite file beside the record, made anew from it whenever it is lost or
// odd.  The record is the truth; the index only says where to look.
#pragma once

#include "gateway/record/journal.hh"

#include <memory>

struct sqlite3;

namespace sekisho::record {

class Index {
public:
  /// Opens `folder`/index.sqlite and reads what the record holds beyond it.
  static Result<Index> open(const std::string &folder);

  /// `events` and `positions` of one Journal::write.
  void add(std::span<const Event> events, std::span<const Position> positions);

  /// The lines of this receipt, oldest first, as written; at most `limit` octets together.
  Result<std::vector<std::string>> lines_of(const std::string &receipt, std::size_t limit);

private:
  using Database = std::unique_ptr<sqlite3, int (*)(sqlite3 *)>;
  Index(std::string folder, Database database);
  static Result<Index> try_open(const std::string &folder);
  Result<void> run(const char *sql);
  Result<void> catch_up();
  void insert(const std::string &receipt, const Position &position);
  void note_progress(const Position &position);

  std::string folder_;
  Database database_;
};

/// The same without an index, by reading every file: for a record copied elsewhere.
Result<std::vector<std::string>> find_lines(const std::string &folder, const std::string &receipt,
                                            std::size_t limit);

} // namespace sekisho::record
