// One month of the search index: a SQLite file with two tables a day, so that what is written to stays small and what is old
// goes as one file.
//
//   term_DD   term, mail   which mails of that day have a term
//   line_DD   mail, file, offset, length   where the record speaks of a mail
//
// A mail is known by the day it was taken and by the number (seq) of the first line that speaks of it.
#pragma once

#include "gateway/record/journal.hh"
#include "gateway/record/terms.hh"

#include <map>
#include <memory>
#include <optional>

struct sqlite3;
struct sqlite3_stmt;

namespace sekisho::record {

struct Mail {
  std::uint64_t day = 0, seq = 0; // days since 1970
  auto operator<=>(const Mail &) const = default;
};

/// A file of the record as a number, 20261126001, and back.
std::uint64_t number_of_file(std::string_view name);
std::string file_of_number(std::uint64_t number);

class Month {
public:
  /// What keeps it from being used; the first trouble stays until it is opened anew.
  enum class Trouble : std::uint8_t { none, damaged, disk };

  explicit Month(const std::string &path);
  ~Month();
  Month(const Month &) = delete;
  Month &operator=(const Month &) = delete;
  Trouble trouble() const { return trouble_; }

  // Once it is in trouble nothing is written and nothing is found: ask trouble() before anything is said to be missing.
  // `date`: day of the month.
  void begin();
  void commit();
  /// What was committed is on disk.
  void settle();
  void add_term(unsigned date, Term term, std::uint64_t mail);
  void add_line(unsigned date, std::uint64_t mail, std::uint64_t file, std::uint64_t offset, std::uint64_t length);

  std::optional<std::uint64_t> first_mail(unsigned date, Term term);
  bool has(unsigned date, Term term, std::uint64_t mail);
  /// How many mails have a term, counted up to `most`.
  std::uint64_t count(unsigned date, Term term, std::uint64_t most);
  /// Mails before `before`, newest first, at most `most`; with a term, or all.
  std::vector<std::uint64_t> mails(unsigned date, std::optional<Term> term, std::uint64_t before, std::uint64_t most);
  std::vector<Position> places(unsigned date, std::uint64_t mail);
  /// The number of the newest mail, 0: none.
  std::uint64_t newest(unsigned date);
  /// The first mail from this number on, 0: none.
  std::uint64_t first_from(unsigned date, std::uint64_t mail);

private:
  enum What : int;
  void run(const char *sql);
  void make_tables(unsigned date);
  /// Ready to be bound; null: there is no such day, or it is in trouble.
  sqlite3_stmt *statement(unsigned date, What what);
  bool step(sqlite3_stmt *statement);
  std::optional<std::uint64_t> one(sqlite3_stmt *query, std::initializer_list<std::uint64_t> numbers);
  void note(int status);

  sqlite3 *database_ = nullptr;
  std::map<std::pair<unsigned, int>, sqlite3_stmt *> statements_;
  std::uint32_t dates_ = 0; // bit: this day has its tables
  Trouble trouble_ = Trouble::none;
};

} // namespace sekisho::record
