// Which mails have a term, and where the record speaks of a mail: files beside the record (month.hh), made anew from it whenever
// they are lost or damaged.  The record is the truth; the index only says where to look, and what stands there is read again.
//
// It follows the record by reading it, so nobody who writes the record waits for it; what it takes in stays in memory until
// there is enough for writing, or somebody asks.  Taking in the same line twice changes nothing.
#pragma once

#include "gateway/record/month.hh"

#include <functional>
#include <memory>
#include <set>
#include <unordered_map>

namespace simdjson::dom {
class parser;
}

namespace sekisho::record {

class Index {
public:
  /// Opens what there is in `folder`; what the record holds beyond it comes in by follow().
  static Result<Index> open(const std::string &folder);
  Index(Index &&) = default;

  /// Reads on, about so many octets of the record and no further than `end` (Journal::end).  Whether there may be more.
  /// Errors: the record cannot be read, the index not written; the next call goes on from what is safe.
  Result<bool> follow(const Position &end, std::size_t octets);
  /// What was taken in can be found.
  Result<void> flush();
  /// And need not be read again at the next start.
  Result<void> settle();
  struct Progress {
    std::uint64_t done = 0, all = 0; // octets of the record
    unsigned percent() const { return all == 0 ? 100 : static_cast<unsigned>(done * 100 / all); }
  };
  Progress progress(const Position &end) const { return progress(folder_, file_, offset_, end); }
  /// For whoever knows how far it is without having it.
  static Progress progress(const std::string &folder, const std::string &file, std::uint64_t offset, const Position &end);
  struct Standing {
    std::string file; // of the record, taken in up to there
    std::uint64_t offset = 0;
    bool is_made_anew = false; // it was lost, damaged or of an earlier version, and does not know the whole record yet
  };
  Standing standing() const { return {file_, offset_, is_made_anew_}; }
  /// Of its files.
  static std::uint64_t octets(const std::string &folder);

  /// The mail with this receipt, where it lies on the day that the receipt tells.
  Result<std::optional<Mail>> find(const std::string &receipt);
  /// Mails that may have all these terms (none: every mail) and may have been taken between these times (0: open), newest
  /// first.  `visit` says whether to go on.  False: it did not come to the end before `latest` (monotonic_ns).
  Result<bool> each_mail(std::vector<Term> terms, UnixSeconds since, UnixSeconds until, std::uint64_t latest,
                         const std::function<bool(const Mail &)> &visit);
  /// Where the record speaks of it, oldest first.
  Result<std::vector<Position>> places_of(const Mail &mail);
  /// The lines there, true to their hashes, at most `limit` octets together; those of files that were taken away as too old are
  /// left out.  Errors: one is not as it was written.
  Result<std::vector<std::string>> read(const std::vector<Position> &places, std::size_t limit) const;

private:
  struct Line;
  struct PendingTerm {
    Mail mail;
    Term term;
  };
  struct PendingLine {
    Mail mail;
    std::uint64_t file, offset, length;
  };
  struct Search; // of one question over the days

  explicit Index(std::string folder);
  Result<void> open_all();
  void forget_old(const std::vector<std::string> &names);
  Result<void> begin_file(const std::string &name, const std::vector<std::string> &names);
  Result<bool> next_file(const Position &end);
  Result<void> take(std::string_view text, std::uint64_t offset);
  Mail mail_of(const Line &line);
  /// Where the tables of a day are; null: there are none and they are not to be made.
  Month *month_of(std::uint64_t day, bool make);
  Result<void> health();
  void load_progress();
  Result<void> note_progress() const;
  void go_back(unsigned month);
  void start_over(std::string_view why);
  std::string path_of(unsigned month) const;
  std::uint64_t first_later_than(Month &month, std::uint64_t day, UnixSeconds time) const;
  UnixSeconds time_at(const Position &place) const;

  std::string folder_;
  std::shared_ptr<simdjson::dom::parser> parser_; // its memory serves line after line
  std::map<unsigned, std::unique_ptr<Month>> months_; // by YYYYMM
  std::set<unsigned> unsettled_months_;
  std::size_t unsettled_ = 0; // terms
  std::vector<PendingTerm> terms_;
  std::vector<PendingLine> lines_;
  std::unordered_map<Term, Mail> recent_; // by receipt: mails not long ago
  std::string file_, last_hash_;          // taken in up to here
  std::uint64_t offset_ = 0;
  bool is_made_anew_ = false;
};

/// The lines of a receipt without an index, by reading every file: for a record copied elsewhere.
Result<std::vector<std::string>> find_lines(const std::string &folder, const std::string &receipt, std::size_t limit);

} // namespace sekisho::record
