#include "gateway/spool/hold_index.hh"

#include <sqlite3.h>
#include <unistd.h>

namespace sekisho::spool {
namespace {

constexpr std::uint64_t version = 2; // 0: of versions that did not bind what is sealed to the rest, or did not seal it
constexpr const char *schema =
    "CREATE TABLE IF NOT EXISTS entry(number INTEGER PRIMARY KEY AUTOINCREMENT, receipt TEXT NOT NULL,"
    " relay TEXT NOT NULL, time INTEGER NOT NULL, released INTEGER NOT NULL DEFAULT 0,"
    " erasing INTEGER NOT NULL DEFAULT 0, segment INTEGER NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,"
    " sealed BLOB NOT NULL);"
    "CREATE UNIQUE INDEX IF NOT EXISTS entry_receipt ON entry(receipt) WHERE erasing = 0;"
    "CREATE INDEX IF NOT EXISTS entry_relay ON entry(relay, time, number);"
    "CREATE INDEX IF NOT EXISTS entry_segment ON entry(segment, offset);"
    "CREATE INDEX IF NOT EXISTS entry_erasing ON entry(number) WHERE erasing = 1;"
    "PRAGMA user_version = 2;";
constexpr const char *columns = "SELECT number, receipt, relay, time, released, segment, offset, size, sealed FROM entry ";

/// One prepared statement, bound in order.
class Statement {
public:
  Statement(sqlite3 *database, const std::string &sql) {
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement &) = delete;
  Statement &operator=(const Statement &) = delete;

  Statement &text(std::string_view value) {
    sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement &octets(Bytes value) {
    sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement &number(std::uint64_t value) {
    sqlite3_bind_int64(statement_, ++bound_, static_cast<sqlite3_int64>(value));
    return *this;
  }
  Statement &again() {
    sqlite3_reset(statement_);
    bound_ = 0;
    return *this;
  }
  bool row() { return statement_ && sqlite3_step(statement_) == SQLITE_ROW; }
  bool done() { return statement_ && sqlite3_step(statement_) == SQLITE_DONE; }
  std::string text_at(int column) const {
    const unsigned char *value = sqlite3_column_text(statement_, column);
    return value ? std::string(reinterpret_cast<const char *>(value)) : std::string();
  }
  Buffer octets_at(int column) const {
    const auto *value = static_cast<const std::byte *>(sqlite3_column_blob(statement_, column));
    const int length = sqlite3_column_bytes(statement_, column);
    return value ? Buffer(value, value + length) : Buffer();
  }
  std::uint64_t number_at(int column) const {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column));
  }

private:
  sqlite3_stmt *statement_ = nullptr;
  int bound_ = 0;
};

std::vector<HoldRow> read_rows(Statement &select) {
  std::vector<HoldRow> rows;
  while (select.row()) {
    HoldRow row;
    row.number = select.number_at(0);
    row.receipt = select.text_at(1);
    row.relay = select.text_at(2);
    row.time = static_cast<UnixSeconds>(select.number_at(3));
    row.released = static_cast<UnixSeconds>(select.number_at(4));
    row.place = {select.number_at(5), select.number_at(6), select.number_at(7)};
    row.sealed = select.octets_at(8);
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace

Result<HoldIndex> HoldIndex::open(const std::string &path) {
  sqlite3 *opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int error = sqlite3_open_v2(path.c_str(), &opened, flags, nullptr);
  HoldIndex index(Database(opened, sqlite3_close));
  if (error != SQLITE_OK) return fail("cannot open the hold's index " + path);
  // the segments are flushed first and can make the index good again: it need not be flushed a mail
  for (const char *sql : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA secure_delete=ON"})
    TRY(index.run(sql));
  if (Statement(opened, "SELECT 1 FROM sqlite_master").row()) {
    Statement select(opened, "PRAGMA user_version");
    if (!select.row() || select.number_at(0) != version) return fail("it is of another version");
  }
  TRY(index.run(schema));
  return index;
}

void HoldIndex::remove(const std::string &path) {
  for (const char *suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

Result<void> HoldIndex::run(const char *sql) const {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  const std::string why = sqlite3_errmsg(database_.get());
  return fail("index: " + why);
}

Result<void> HoldIndex::insert(std::span<const HoldRow> rows) {
  TRY(run("BEGIN"));
  bool good = true;
  Statement insert(database_.get(), "INSERT OR IGNORE INTO entry(receipt, relay, time, segment, offset, size, sealed)"
                                    " VALUES(?,?,?,?,?,?,?)");
  for (const HoldRow &row : rows) {
    insert.again().text(row.receipt).text(row.relay).number(static_cast<std::uint64_t>(row.time));
    insert.number(row.place.segment).number(row.place.offset).number(row.place.size).octets(row.sealed);
    good = good && insert.done();
  }
  if (good && run("COMMIT")) return {};
  const std::string why = sqlite3_errmsg(database_.get());
  (void)run("ROLLBACK");
  return fail("index: " + why);
}

/// `sql` for each of them, in one transaction.
Result<void> HoldIndex::together(std::span<const HoldRow> rows, const char *sql) {
  Result<void> done = run("BEGIN");
  for (const HoldRow &row : rows)
    if (done && !Statement(database_.get(), sql).number(row.number).done()) done = fail("index: cannot write");
  if (done) done = run("COMMIT");
  if (!done) (void)run("ROLLBACK");
  return done;
}

/// Its commits are flushed.
Result<void> HoldIndex::durably(const std::function<Result<void>()> &act) {
  TRY(run("PRAGMA synchronous=FULL"));
  Result<void> done = act();
  TRY(run("PRAGMA synchronous=NORMAL"));
  return done;
}

Result<void> HoldIndex::begin_erasing(std::span<const HoldRow> rows) {
  return durably([&] { return together(rows, "UPDATE entry SET erasing = 1 WHERE number = ?"); });
}

Result<void> HoldIndex::forget(std::span<const HoldRow> rows) { return together(rows, "DELETE FROM entry WHERE number = ?"); }

Result<void> HoldIndex::update(const HoldRow &row) {
  return durably([&]() -> Result<void> {
    Statement update(database_.get(), "UPDATE entry SET sealed = ?, released = ? WHERE receipt = ? AND erasing = 0");
    if (!update.octets(row.sealed).number(static_cast<std::uint64_t>(row.released)).text(row.receipt).done())
      return fail("index: cannot write");
    return {};
  });
}

Result<void> HoldIndex::set_released(const std::string &receipt, UnixSeconds time) {
  Statement update(database_.get(), "UPDATE entry SET released = ? WHERE receipt = ? AND erasing = 0");
  if (!update.number(static_cast<std::uint64_t>(time)).text(receipt).done()) return fail("index: cannot write");
  return {};
}

std::optional<HoldRow> HoldIndex::find(const std::string &receipt) const {
  Statement select(database_.get(), std::string(columns) + "WHERE receipt = ? AND erasing = 0");
  std::vector<HoldRow> rows = read_rows(select.text(receipt));
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

bool HoldIndex::has(const std::string &receipt) const {
  return Statement(database_.get(), "SELECT 1 FROM entry WHERE receipt = ? AND erasing = 0").text(receipt).row();
}

bool HoldIndex::has(const HoldPlace &place) const {
  Statement select(database_.get(), "SELECT 1 FROM entry WHERE segment = ? AND offset = ?");
  return select.number(place.segment).number(place.offset).row();
}

std::vector<std::string> HoldIndex::receipts() const {
  std::vector<std::string> receipts;
  Statement select(database_.get(), "SELECT receipt FROM entry");
  while (select.row()) receipts.push_back(select.text_at(0));
  return receipts;
}

std::vector<HoldRow> HoldIndex::page(const std::string &relay, std::uint64_t before, std::size_t limit) const {
  const std::string which = relay.empty() ? "" : "relay = ? AND ";
  Statement select(database_.get(), columns + ("WHERE " + which) +
                                        "number < ? AND erasing = 0 ORDER BY number DESC LIMIT ?");
  if (!relay.empty()) select.text(relay);
  constexpr std::uint64_t all = std::uint64_t{1} << 62;
  return read_rows(select.number(before == 0 ? all : before).number(limit));
}

std::vector<HoldRow> HoldIndex::up_to(const std::string &relay, UnixSeconds time, const HoldRow &after,
                                      std::size_t limit) const {
  Statement select(database_.get(), std::string(columns) + "WHERE relay = ? AND time <= ? AND erasing = 0 AND"
                                                           " (time, number) > (?, ?) ORDER BY time, number LIMIT ?");
  select.text(relay).number(static_cast<std::uint64_t>(time));
  return read_rows(select.number(static_cast<std::uint64_t>(after.time)).number(after.number).number(limit));
}

std::vector<HoldRow> HoldIndex::erasing(std::uint64_t after, std::size_t limit) const {
  Statement select(database_.get(), std::string(columns) + "WHERE erasing = 1 AND number > ? ORDER BY number LIMIT ?");
  return read_rows(select.number(after).number(limit));
}

std::uint64_t HoldIndex::last_segment() const {
  Statement select(database_.get(), "SELECT max(segment) FROM entry");
  return select.row() ? select.number_at(0) : 0;
}

bool HoldIndex::uses(std::uint64_t segment) const {
  // an index that cannot tell must not cost a segment: only a plain no is one
  return !Statement(database_.get(), "SELECT 1 FROM entry WHERE segment = ?").number(segment).done();
}

std::map<std::string, HoldIndex::Sum> HoldIndex::sums() const {
  std::map<std::string, Sum> sums;
  Statement select(database_.get(), "SELECT relay, sum(erasing = 0), sum(size) FROM entry GROUP BY relay");
  while (select.row()) sums[select.text_at(0)] = {select.number_at(1), select.number_at(2)};
  return sums;
}

} // namespace sekisho::spool
