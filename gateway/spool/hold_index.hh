// What is asked of the hold, in SQLite: which mails there are, where they stand, since when.  Made anew from the segments
// whenever it is lost.  Who wrote to whom about what stands in it sealed, as in the segments; in the clear are receipt
// numbers, relays, times and sizes, to which what is sealed is bound.
#pragma once

#include "base/bytes.hh"
#include "base/clock.hh"
#include "base/result.hh"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct sqlite3;

namespace sekisho::spool {

struct HoldPlace {
  std::uint64_t segment = 0; // sequence of its use
  std::uint64_t offset = 0, size = 0; // of the record
};

struct HoldRow {
  std::uint64_t number = 0; // in the order of holding
  std::string receipt, relay;
  UnixSeconds time = 0, released = 0; // 0: not
  HoldPlace place;
  Buffer sealed;
};

class HoldIndex {
public:
  /// Errors: it cannot be opened, or is of an earlier version.
  static Result<HoldIndex> open(const std::string &path);
  static void remove(const std::string &path);

  /// All or none; those that are there already stay as they are.
  Result<void> insert(std::span<const HoldRow> rows);
  /// Durable; they are not found any more.
  Result<void> begin_erasing(std::span<const HoldRow> rows);
  Result<void> forget(std::span<const HoldRow> rows);
  /// Durable: `sealed` and `released` of the row with its receipt.
  Result<void> update(const HoldRow &row);
  Result<void> set_released(const std::string &receipt, UnixSeconds time);

  std::optional<HoldRow> find(const std::string &receipt) const;
  bool has(const std::string &receipt) const; // not while it is erased: a new one may come
  bool has(const HoldPlace &place) const;     // also while it is erased
  std::vector<std::string> receipts() const; // of all rows
  /// Newest first, numbers below `before` (0: all); of one relay, or of all where it is empty.
  std::vector<HoldRow> page(const std::string &relay, std::uint64_t before, std::size_t limit) const;
  /// Held up to `time`, oldest first; those behind `after`, the last one of the page before.
  std::vector<HoldRow> up_to(const std::string &relay, UnixSeconds time, const HoldRow &after, std::size_t limit) const;
  /// Numbers above `after`.
  std::vector<HoldRow> erasing(std::uint64_t after, std::size_t limit) const;
  std::uint64_t last_segment() const;
  bool uses(std::uint64_t segment) const;
  struct Sum {
    std::uint64_t count = 0, octets = 0; // count without those that are erased
  };
  std::map<std::string, Sum> sums() const; // by relay

private:
  using Database = std::unique_ptr<sqlite3, int (*)(sqlite3 *)>;
  explicit HoldIndex(Database database) : database_(std::move(database)) {}
  Result<void> run(const char *sql) const;
  Result<void> together(std::span<const HoldRow> rows, const char *sql);
  Result<void> durably(const std::function<Result<void>()> &act);

  Database database_;
};

} // namespace sekisho::spool
