#include "gateway/record/month.hh"

#include <fmt/format.h>
#include <sqlite3.h>

#include <charconv>

namespace sekisho::record {
namespace {

// NORMAL: what is committed may be lost with the power, but never half of it; it is read from the record again.
constexpr const char *setting_up = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
                                   "PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0";
constexpr std::uint64_t most_lines = 10'000; // of one mail

std::uint64_t number_in(std::string_view digits) {
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

sqlite3_stmt *bind(sqlite3_stmt *statement, std::initializer_list<std::uint64_t> numbers) {
  int at = 0;
  for (const std::uint64_t number : numbers) sqlite3_bind_int64(statement, ++at, static_cast<sqlite3_int64>(number));
  return statement;
}

std::uint64_t column(sqlite3_stmt *statement, int at) {
  return static_cast<std::uint64_t>(sqlite3_column_int64(statement, at));
}

} // namespace

std::uint64_t number_of_file(std::string_view name) {
  return name.size() < 19 ? 0 : number_in(name.substr(7, 8)) * 1000 + number_in(name.substr(16, 3));
}

std::string file_of_number(std::uint64_t number) {
  return fmt::format("record-{:08}-{:03}.jsonl", number / 1000, number % 1000);
}

enum Month::What : int { insert_term, insert_line, first_mail_of, has_term, count_of, with_term, all, places_of, newest_of, from };

namespace {

constexpr const char *sql[] = {
    "INSERT OR IGNORE INTO term_{:02} VALUES(?, ?)",
    "INSERT OR IGNORE INTO line_{:02} VALUES(?, ?, ?, ?)",
    "SELECT mail FROM term_{:02} WHERE term = ? ORDER BY mail LIMIT 1",
    "SELECT 1 FROM term_{:02} WHERE term = ? AND mail = ?",
    "SELECT count(*) FROM (SELECT 1 FROM term_{:02} WHERE term = ? LIMIT ?)",
    "SELECT mail FROM term_{:02} WHERE term = ? AND mail < ? ORDER BY mail DESC LIMIT ?",
    "SELECT DISTINCT mail FROM line_{:02} WHERE mail < ? ORDER BY mail DESC LIMIT ?",
    "SELECT file, offset, length FROM line_{:02} WHERE mail = ? ORDER BY file, offset LIMIT ?",
    "SELECT mail FROM line_{:02} ORDER BY mail DESC LIMIT 1",
    "SELECT mail FROM line_{:02} WHERE mail >= ? ORDER BY mail LIMIT 1",
};

} // namespace

Month::Month(const std::string &path) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  note(sqlite3_open_v2(path.c_str(), &database_, flags, nullptr));
  run(setting_up);
  sqlite3_stmt *tables = nullptr;
  if (trouble_ != Trouble::none) return;
  note(sqlite3_prepare_v2(database_, "SELECT substr(name, 6) FROM sqlite_schema WHERE name LIKE 'line\\___' ESCAPE '\\'", -1, &tables, nullptr));
  while (tables && step(tables)) dates_ |= 1u << (column(tables, 0) & 31);
  sqlite3_finalize(tables);
}

Month::~Month() {
  for (auto &[key, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

void Month::note(int status) {
  if (status == SQLITE_OK || status == SQLITE_ROW || status == SQLITE_DONE || trouble_ != Trouble::none) return;
  status &= 0xff;
  trouble_ = status == SQLITE_CORRUPT || status == SQLITE_NOTADB || status == SQLITE_ERROR ? Trouble::damaged : Trouble::disk;
}

void Month::run(const char *text) {
  if (trouble_ == Trouble::none) note(sqlite3_exec(database_, text, nullptr, nullptr, nullptr));
}

void Month::begin() { run("BEGIN"); }
void Month::commit() { run("COMMIT"); }
void Month::settle() { run("PRAGMA wal_checkpoint(TRUNCATE)"); }

void Month::make_tables(unsigned date) {
  if (dates_ & 1u << date) return;
  run(fmt::format("CREATE TABLE term_{0:02}(term INTEGER, mail INTEGER, PRIMARY KEY(term, mail)) WITHOUT ROWID;"
                  "CREATE TABLE line_{0:02}(mail INTEGER, file INTEGER, offset INTEGER, length INTEGER,"
                  " PRIMARY KEY(mail, file, offset)) WITHOUT ROWID", date).c_str());
  dates_ |= 1u << date;
}

sqlite3_stmt *Month::statement(unsigned date, What what) {
  if (trouble_ != Trouble::none || !(dates_ & 1u << date)) return nullptr;
  sqlite3_stmt *&statement = statements_[{date, what}];
  if (statement) {
    sqlite3_reset(statement);
    return statement;
  }
  const std::string text = fmt::format(fmt::runtime(sql[what]), date);
  note(sqlite3_prepare_v3(database_, text.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  return statement;
}

bool Month::step(sqlite3_stmt *statement) {
  if (!statement) return false;
  const int status = sqlite3_step(statement);
  note(status);
  return status == SQLITE_ROW;
}

void Month::add_term(unsigned date, Term term, std::uint64_t mail) {
  make_tables(date);
  if (sqlite3_stmt *insert = statement(date, insert_term)) step(bind(insert, {term, mail}));
}

void Month::add_line(unsigned date, std::uint64_t mail, std::uint64_t file, std::uint64_t offset, std::uint64_t length) {
  make_tables(date);
  if (sqlite3_stmt *insert = statement(date, insert_line)) step(bind(insert, {mail, file, offset, length}));
}

std::optional<std::uint64_t> Month::one(sqlite3_stmt *query, std::initializer_list<std::uint64_t> numbers) {
  if (!query || !step(bind(query, numbers))) return std::nullopt;
  const std::uint64_t answer = column(query, 0);
  sqlite3_reset(query); // a query left open keeps settle() from its work
  return answer;
}

std::optional<std::uint64_t> Month::first_mail(unsigned date, Term term) { return one(statement(date, first_mail_of), {term}); }

bool Month::has(unsigned date, Term term, std::uint64_t mail) { return one(statement(date, has_term), {term, mail}).has_value(); }

std::uint64_t Month::count(unsigned date, Term term, std::uint64_t most) {
  return one(statement(date, count_of), {term, most}).value_or(0);
}

std::vector<std::uint64_t> Month::mails(unsigned date, std::optional<Term> term, std::uint64_t before, std::uint64_t most) {
  std::vector<std::uint64_t> found;
  sqlite3_stmt *query = statement(date, term ? with_term : all);
  if (!query) return found;
  if (term) bind(query, {*term, before, most});
  else bind(query, {before, most});
  while (step(query)) found.push_back(column(query, 0));
  return found;
}

std::vector<Position> Month::places(unsigned date, std::uint64_t mail) {
  std::vector<Position> found;
  sqlite3_stmt *query = statement(date, places_of);
  if (!query) return found;
  bind(query, {mail, most_lines});
  while (step(query))
    found.push_back({file_of_number(column(query, 0)), column(query, 1), static_cast<std::uint32_t>(column(query, 2))});
  return found;
}

std::uint64_t Month::newest(unsigned date) { return one(statement(date, newest_of), {}).value_or(0); }

std::uint64_t Month::first_from(unsigned date, std::uint64_t mail) { return one(statement(date, from), {mail}).value_or(0); }

} // namespace sekisho::record
