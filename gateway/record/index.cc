// Taking in.  What is asked of it is in index_find.cc.
#include "gateway/record/index.hh"

#include "base/log.hh"
#include "gateway/record/days.hh"
#include "gateway/record/lines.hh"
#include "gateway/spool/receipt.hh"

#include <fmt/format.h>
#include <simdjson.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace sekisho::record {
namespace {

constexpr std::size_t max_line = 1u << 20;          // octets
constexpr std::size_t most_recent = 100'000;        // receipts in memory
constexpr std::size_t most_pending = 256 * 1024;    // terms in memory, of 16 octets and more
constexpr std::size_t most_pending_far = 1u << 20;  // where much is still to be read: the tables are written to less often
constexpr std::uint64_t far_behind = 32u << 20;     // octets of the record
constexpr std::uint64_t longest_stay = 3660;        // days from a mail's acceptance to the last line about it
constexpr std::string_view format_name = "sekisho-search-5"; // 2: null senders; 3: local parts in quotes; 4: pieces of six characters; 5: A-labels, literals
constexpr std::string_view anew = "anew";
constexpr std::size_t progress_size = 160; // octets: below a disk sector, so never half written
constexpr std::size_t line_end = 67;       // octets: a line's hash, `"}` and its line feed

std::string progress_path(const std::string &folder) { return folder + "/search-progress"; }

void remove_database(const std::string &path) {
  for (const char *suffix : {"", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
}

bool exists(const std::string &path) { return ::access(path.c_str(), F_OK) == 0; }

std::string text_at(int fd, std::uint64_t offset, std::size_t length) {
  std::string text(length, '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), static_cast<off_t>(offset));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  return text;
}

std::string hash_before(const std::string &path, std::uint64_t offset) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  return file && offset >= line_end ? text_at(file.get(), offset - line_end, line_end).substr(0, 64) : std::string();
}

unsigned month_of_file(std::string_view name) { return static_cast<unsigned>(number_of_file(name) / 100'000); }

} // namespace

/// What the index asks of a line of the record.
struct Index::Line {
  std::string receipt;
  std::vector<Term> terms;
  std::uint64_t day = 0, seq = 0;
  bool is_damaged = false;

  Line(simdjson::dom::parser &parser, std::string_view text) {
    // Cheap no first: most lines belong to no mail.
    if (text.find(R"("event":"mail-)") == std::string_view::npos && text.find(R"("receipt":")") == std::string_view::npos) return;
    simdjson::dom::element line;
    std::string_view time, event, of;
    is_damaged = parser.parse(text.data(), text.size()).get(line) != simdjson::SUCCESS || line["seq"].get(seq) != simdjson::SUCCESS ||
                 line["time"].get(time) != simdjson::SUCCESS || (day = day_of(time_in(std::string(time)))) == 0;
    if (is_damaged) return;
    if (line["receipt"].get(of) == simdjson::SUCCESS) receipt = of;
    const bool is_of_mail = line["event"].get(event) == simdjson::SUCCESS && event.starts_with("mail-");
    if (is_of_mail || !receipt.empty()) terms = terms_of(line);
  }
};

// -- opening --------------------------------------------------------------------------------------------------

Result<Index> Index::open(const std::string &folder) {
  Index index(folder);
  TRY(index.open_all());
  return index;
}

Index::Index(std::string folder) : folder_(std::move(folder)), parser_(std::make_shared<simdjson::dom::parser>()) {}

std::string Index::path_of(unsigned month) const { return fmt::format("{}/search-{:06}.sqlite", folder_, month); }

Result<void> Index::open_all() {
  remove_database(folder_ + "/index.sqlite"); // of earlier versions
  Result<std::vector<std::string>> names = list_files(folder_);
  if (!names) return fail(names.error());
  load_progress();
  const auto has_lines = [&](const std::string &name) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(folder_ + "/" + name, error);
    return !error && size > 0;
  };
  if (file_.empty() && std::ranges::any_of(*names, has_lines)) is_made_anew_ = true;
  const std::string path = folder_ + "/" + file_;
  if (offset_ > 0 && !last_hash_.empty() && exists(path) && hash_before(path, offset_) != last_hash_)
    start_over("it is of another record");
  forget_old(*names);
  unsigned last = 0;
  for (const std::string &name : *names) {
    const unsigned number = month_of_file(name);
    if (number == last) continue;
    last = number;
    if (!exists(path_of(number))) {
      if (!file_.empty() && name <= file_) go_back(number);
      continue;
    }
    months_[number] = std::make_unique<Month>(path_of(number));
  }
  if (auto good = health(); !good) log_error(good.error().what);
  return {};
}

/// Whose lines were all taken away as too old.
void Index::forget_old(const std::vector<std::string> &names) {
  if (names.empty()) return;
  const unsigned oldest = month_of_file(names.front());
  for (unsigned month = oldest, tried = 0; tried < 24; ++tried) {
    month = month % 100 == 1 ? month - 89 : month - 1;
    if (!exists(path_of(month))) continue;
    months_.erase(month);
    unsettled_months_.erase(month);
    remove_database(path_of(month));
  }
}

void Index::load_progress() {
  file_.clear();
  last_hash_.clear();
  offset_ = 0;
  Result<std::string> text = read_file(progress_path(folder_));
  if (!text) return;
  std::istringstream words(*text);
  std::string format, file, hash, state;
  std::uint64_t offset = 0;
  if (words >> format >> file >> offset >> hash && format == format_name) {
    file_ = file;
    offset_ = offset;
    if (hash != "-") last_hash_ = hash;
    is_made_anew_ = words >> state && state == anew;
  } else {
    start_over("it is of another version, or its progress cannot be read");
  }
}

Result<void> Index::note_progress() const {
  std::string text = fmt::format("{} {} {} {} {}", format_name, file_.empty() ? "record-00000000-000.jsonl" : file_, offset_,
                                 last_hash_.empty() ? "-" : last_hash_, is_made_anew_ ? anew : "");
  text.resize(progress_size - 1, ' ');
  UniqueFd file(::open(progress_path(folder_).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return fail("cannot write " + progress_path(folder_) + ": " + std::strerror(errno));
  TRY(write_at(file.get(), text + "\n", 0));
  return ::fdatasync(file.get()) == 0 ? Result<void>() : fail("cannot keep " + progress_path(folder_));
}

/// Everything since that month is read once more; what is there already stays as it is.
void Index::go_back(unsigned month) {
  is_made_anew_ = true;
  const std::string begin = fmt::format("record-{:06}00-000.jsonl", month);
  if (!file_.empty() && begin < file_) {
    file_ = begin;
    offset_ = 0;
    last_hash_.clear();
  }
  (void)note_progress();
  log_error(fmt::format("the search index of {}-{:02} is made anew from the record", month / 100, month % 100));
}

void Index::start_over(std::string_view why) {
  log_error(fmt::format("the search index is made anew from the record: {}", why));
  is_made_anew_ = true;
  months_.clear();
  unsettled_months_.clear();
  terms_.clear();
  lines_.clear();
  recent_.clear();
  file_.clear();
  last_hash_.clear();
  offset_ = unsettled_ = 0;
  ::unlink(progress_path(folder_).c_str());
  if (auto names = list_files(folder_))
    for (const std::string &name : *names) remove_database(path_of(month_of_file(name)));
}

/// After whatever touched the tables: nothing is said to be missing because it could not be looked for.
Result<void> Index::health() {
  for (auto &[number, month] : months_) {
    if (month->trouble() == Month::Trouble::none) continue;
    const bool is_damaged = month->trouble() == Month::Trouble::damaged;
    const unsigned which = number;
    months_.clear(); // what was begun there goes back
    unsettled_months_.clear();
    terms_.clear();
    lines_.clear();
    recent_.clear();
    unsettled_ = 0;
    load_progress();
    if (is_damaged) {
      go_back(which);
      remove_database(path_of(which));
    }
    if (auto names = list_files(folder_))
      for (const std::string &name : *names)
        if (const unsigned other = month_of_file(name); !months_.contains(other) && exists(path_of(other)))
          months_[other] = std::make_unique<Month>(path_of(other));
    if (!is_damaged) return fail("the search index cannot be read or written: is the disk full?");
    return fail(fmt::format("the search index of {}-{:02} was damaged and is made anew from the record; ask again later",
                            which / 100, which % 100));
  }
  return {};
}

Month *Index::month_of(std::uint64_t day, bool make) {
  const unsigned number = date_of(day).month;
  if (auto found = months_.find(number); found != months_.end()) return found->second.get();
  if (!make && !exists(path_of(number))) return nullptr;
  return (months_[number] = std::make_unique<Month>(path_of(number))).get();
}

// -- following ------------------------------------------------------------------------------------------------

Result<bool> Index::follow(const Position &end, std::size_t octets) {
  if (end.file.empty()) return false;
  UniqueFd file(file_.empty() ? -1 : ::open((folder_ + "/" + file_).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file && !file_.empty() && errno != ENOENT) return fail("cannot read " + file_ + ": " + std::strerror(errno));
  struct stat status {};
  if (file && ::fstat(file.get(), &status) != 0) return fail("cannot read " + file_ + ": " + std::strerror(errno));
  const std::uint64_t limit = file_ == end.file ? end.offset : static_cast<std::uint64_t>(status.st_size);
  if (file_ > end.file || (file && offset_ > limit)) {
    start_over("the record ends before it");
    return true;
  }
  if (!file || offset_ >= limit) {
    Result<bool> more = next_file(end);
    if (more && !*more) is_made_anew_ = false;
    return more;
  }

  const std::string text = text_at(file.get(), offset_, std::min<std::uint64_t>(limit - offset_, octets + max_line));
  const std::size_t last = text.rfind('\n');
  if (last == std::string::npos) {
    if (text.empty()) return fail("cannot read " + file_);
    log_error(fmt::format("no line ends behind {}:{}; `sekisho record verify` tells more", file_, offset_));
    offset_ += text.size();
    return true;
  }
  Result<void> good;
  each_line(std::string_view(text).substr(0, last + 1), [&](std::string_view line, std::size_t at) {
    if (good) good = take(line, offset_ + at);
  });
  if (!good) return fail(good.error());
  offset_ += last + 1;
  if (last + 1 >= line_end) last_hash_ = text.substr(last + 1 - line_end, 64);
  const bool is_far = file_ != end.file || limit - offset_ > far_behind;
  if (terms_.size() > (is_far ? most_pending_far : most_pending)) TRY(flush());
  return true;
}

Result<bool> Index::next_file(const Position &end) {
  if (file_ == end.file) return false;
  Result<std::vector<std::string>> names = list_files(folder_);
  if (!names) return fail(names.error());
  auto next = std::ranges::upper_bound(*names, file_);
  if (next == names->end() || *next > end.file) return false;
  if (month_of_file(*next) != month_of_file(file_)) {
    TRY(flush());
    forget_old(*names);
    // Each month of the record has its file: one that is missing was lost.
    if (auto day = record::day_of(month_of_file(*next), 1)) month_of(*day, true);
    TRY(health());
  }
  file_ = *next;
  offset_ = 0;
  last_hash_.clear();
  return true;
}

Result<void> Index::take(std::string_view text, std::uint64_t offset) {
  const Line line(*parser_, text);
  if (line.is_damaged) log_error(fmt::format("{}:{} is no line of the record; `sekisho record verify` tells more", file_, offset));
  if (line.terms.empty()) return {};
  if (recent_.size() >= most_recent) {
    TRY(flush());
    recent_.clear();
  }
  const Mail mail = mail_of(line);
  TRY(health());
  for (const Term term : line.terms) terms_.push_back({mail, term});
  lines_.push_back({mail, number_of_file(file_), offset, text.size()});
  return {};
}

/// Of the day of its acceptance, which a receipt tells; else of the day it is spoken of.
Mail Index::mail_of(const Line &line) {
  Mail mail{line.day, line.seq};
  if (line.receipt.empty()) return mail;
  const Term term = terms_of(Field::receipt, line.receipt).front();
  if (auto known = recent_.find(term); known != recent_.end()) return known->second;
  if (auto accepted = spool::time_of_receipt(line.receipt)) {
    const std::uint64_t day = record::day_of(*accepted);
    if (day <= line.day + 1 && day + longest_stay >= line.day) mail.day = day;
  }
  if (Month *month = month_of(mail.day, false))
    if (auto known = month->first_mail(date_of(mail.day).date, term)) mail.seq = *known;
  return recent_[term] = mail;
}

/// In the order of the tables, so that neighbours are written together.
Result<void> Index::flush() {
  std::ranges::sort(terms_, [](const PendingTerm &a, const PendingTerm &b) {
    return std::tie(a.mail.day, a.term, a.mail.seq) < std::tie(b.mail.day, b.term, b.mail.seq);
  });
  std::set<Month *> begun;
  auto month_at = [&](std::uint64_t day) {
    Month *month = month_of(day, true);
    if (begun.insert(month).second) month->begin();
    unsettled_months_.insert(date_of(day).month);
    return month;
  };
  Date date{};
  Month *month = nullptr;
  std::uint64_t day = 0;
  auto enter = [&](std::uint64_t next) {
    if (month && day == next) return;
    day = next;
    date = date_of(day);
    month = month_at(day);
  };
  for (const PendingTerm &pending : terms_) {
    enter(pending.mail.day);
    month->add_term(date.date, pending.term, pending.mail.seq);
  }
  for (const PendingLine &line : lines_) {
    enter(line.mail.day);
    month->add_line(date.date, line.mail.seq, line.file, line.offset, line.length);
  }
  for (Month *one : begun) one->commit();
  TRY(health());
  unsettled_ += terms_.size();
  terms_.clear();
  lines_.clear();
  return unsettled_ < most_pending / 2 ? Result<void>() : settle();
}

Result<void> Index::settle() {
  if (!terms_.empty() || !lines_.empty()) {
    unsettled_ = 0;
    TRY(flush());
  }
  for (const unsigned number : unsettled_months_)
    if (auto month = months_.find(number); month != months_.end()) month->second->settle();
  TRY(health());
  unsettled_months_.clear();
  unsettled_ = 0;
  return note_progress();
}

Index::Progress Index::progress(const std::string &folder, const std::string &file, std::uint64_t offset, const Position &end) {
  Progress progress;
  Result<std::vector<std::string>> names = list_files(folder);
  if (!names) return progress;
  for (const std::string &name : *names) {
    struct stat status {};
    if (name > end.file || ::stat((folder + "/" + name).c_str(), &status) != 0) continue;
    const std::uint64_t size = name == end.file ? end.offset : static_cast<std::uint64_t>(status.st_size);
    progress.all += size;
    progress.done += name < file ? size : name == file ? std::min(offset, size) : 0;
  }
  return progress;
}

std::uint64_t Index::octets(const std::string &folder) {
  std::uint64_t octets = 0;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error); !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with("search-")) continue;
    std::error_code gone; // a -wal may go at any time
    const std::uint64_t size = entry->file_size(gone);
    octets += gone ? 0 : size;
  }
  return octets;
}

} // namespace sekisho::record
