#include "gateway/record/index.hh"

#include "base/log.hh"

#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <fcntl.h>

#include <cstring>

namespace sekisho::record {
namespace {

constexpr const char *schema = R"(
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;  -- may be lost: it is made again from the record
  CREATE TABLE IF NOT EXISTS line (receipt TEXT, file TEXT, offset INTEGER, length INTEGER);
  CREATE INDEX IF NOT EXISTS line_receipt ON line (receipt);
  CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY CHECK (id = 1), file TEXT, offset INTEGER);
)";
constexpr std::size_t max_line = 1u << 20; // octets

std::string index_path(const std::string &folder) { return folder + "/index.sqlite"; }

class Statement {
public:
  Statement(sqlite3 *database, const char *sql) {
    if (sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr) != SQLITE_OK) statement_ = nullptr;
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement &) = delete;
  Statement &operator=(const Statement &) = delete;

  Statement &text(int index, const std::string &value) {
    sqlite3_bind_text(statement_, index, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
    return *this;
  }
  Statement &number(int index, std::uint64_t value) {
    sqlite3_bind_int64(statement_, index, static_cast<sqlite3_int64>(value));
    return *this;
  }
  bool row() { return statement_ && sqlite3_step(statement_) == SQLITE_ROW; }
  bool done() { return statement_ && sqlite3_step(statement_) == SQLITE_DONE; }
  std::string column_text(int index) {
    auto *octets = reinterpret_cast<const char *>(sqlite3_column_text(statement_, index));
    return octets ? std::string(octets, static_cast<std::size_t>(sqlite3_column_bytes(statement_, index)))
                  : std::string();
  }
  std::uint64_t column_number(int index) {
    return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, index));
  }

private:
  sqlite3_stmt *statement_ = nullptr;
};

std::string receipt_of(std::string_view line) {
  // Cheap no first: most lines belong to no mail.
  if (line.find(R"("receipt":")") == std::string_view::npos) return {};
  nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("receipt") || !object["receipt"].is_string()) return {};
  return object["receipt"];
}

/// Calls visit(line, offset) for every whole line of `text` from `offset` on.
template <class Visit> void each_line(std::string_view text, std::size_t offset, Visit visit) {
  while (offset < text.size()) {
    std::size_t end = text.find('\n', offset);
    if (end == std::string_view::npos) return;
    visit(text.substr(offset, end - offset), offset);
    offset = end + 1;
  }
}

} // namespace

Index::Index(std::string folder, Database database)
    : folder_(std::move(folder)), database_(std::move(database)) {}

Result<Index> Index::open(const std::string &folder) {
  Result<Index> index = try_open(folder);
  if (index) return index;
  log_error("the index of the record is made anew: " + index.error().what);
  for (const char *suffix : {"", "-wal", "-shm"}) ::unlink((index_path(folder) + suffix).c_str());
  return try_open(folder);
}

Result<Index> Index::try_open(const std::string &folder) {
  sqlite3 *opened = nullptr;
  int status = sqlite3_open_v2(index_path(folder).c_str(), &opened,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Index index(folder, Database(opened, sqlite3_close));
  if (status != SQLITE_OK) return fail("cannot open " + index_path(folder));
  TRY(index.run(schema));
  TRY(index.catch_up());
  return index;
}

Result<void> Index::run(const char *sql) {
  char *message = nullptr;
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, &message) == SQLITE_OK) return {};
  std::string text = message ? message : "unknown";
  sqlite3_free(message);
  return fail("index: " + text);
}

Result<void> Index::catch_up() {
  std::string file;
  std::uint64_t offset = 0;
  if (Statement progress(database_.get(), "SELECT file, offset FROM progress"); progress.row()) {
    file = progress.column_text(0);
    offset = progress.column_number(1);
  }
  Result<std::vector<std::string>> names = list_files(folder_);
  if (!names) return fail(names.error());
  TRY(run("BEGIN"));
  for (const std::string &name : *names) {
    if (name < file) continue;
    Result<std::string> text = read_file(folder_ + "/" + name);
    if (!text) return fail(text.error());
    std::size_t from = name == file ? offset : 0;
    if (from > text->size()) return fail("the index is ahead of the record");
    Position last;
    each_line(*text, from, [&](std::string_view line, std::size_t at) {
      last = {name, at, static_cast<std::uint32_t>(line.size())};
      if (std::string receipt = receipt_of(line); !receipt.empty()) insert(receipt, last);
    });
    if (!last.file.empty()) note_progress(last);
  }
  return run("COMMIT");
}

void Index::insert(const std::string &receipt, const Position &position) {
  Statement statement(database_.get(), "INSERT INTO line VALUES (?, ?, ?, ?)");
  statement.text(1, receipt).text(2, position.file).number(3, position.offset).number(4, position.length);
  if (!statement.done()) log_error("index: a line could not be added");
}

void Index::note_progress(const Position &position) {
  Statement statement(database_.get(), "INSERT OR REPLACE INTO progress VALUES (1, ?, ?)");
  statement.text(1, position.file).number(2, position.offset + position.length + 1);
  (void)statement.done();
}

void Index::add(std::span<const Event> events, std::span<const Position> positions) {
  if (positions.empty()) return;
  if (auto begun = run("BEGIN"); !begun) log_error(begun.error().what);
  for (std::size_t i = 0; i < events.size(); i++)
    if (!events[i].receipt.empty()) insert(events[i].receipt, positions[i]);
  note_progress(positions.back());
  if (auto ended = run("COMMIT"); !ended) log_error(ended.error().what);
}

Result<std::vector<std::string>> Index::lines_of(const std::string &receipt, std::size_t limit) {
  std::vector<std::string> lines;
  std::size_t total = 0;
  Statement query(database_.get(), "SELECT file, offset, length FROM line WHERE receipt = ? "
                                   "ORDER BY file, offset LIMIT 10000");
  query.text(1, receipt);
  while (query.row()) {
    std::uint64_t length = query.column_number(2);
    if (length > max_line || total + length > limit) break;
    std::string line(length, '\0');
    UniqueFd file(::open((folder_ + "/" + query.column_text(0)).c_str(), O_RDONLY | O_CLOEXEC));
    if (::pread(file.get(), line.data(), line.size(), static_cast<off_t>(query.column_number(1))) !=
        static_cast<ssize_t>(length))
      return fail("the record no longer holds a line of " + receipt);
    if (receipt_of(line) != receipt) continue;
    total += length;
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::vector<std::string>> find_lines(const std::string &folder, const std::string &receipt,
                                            std::size_t limit) {
  std::vector<std::string> lines;
  std::size_t total = 0;
  Result<std::vector<std::string>> names = list_files(folder);
  if (!names) return fail(names.error());
  for (const std::string &name : *names) {
    Result<std::string> text = read_file(folder + "/" + name);
    if (!text) return fail(text.error());
    each_line(*text, 0, [&](std::string_view line, std::size_t) {
      if (total + line.size() > limit || receipt_of(line) != receipt) return;
      total += line.size();
      lines.emplace_back(line);
    });
  }
  return lines;
}

} // namespace sekisho::record
