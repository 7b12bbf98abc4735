#include "gateway/record/days.hh"
#include "gateway/record/index.hh"
#include "gateway/record/lines.hh"
#include "gateway/spool/receipt.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace sekisho::record {
namespace {

// To see which term is the rarest its mails are counted, so far at first and further where all have as many.
constexpr std::uint64_t counted = 200, counted_more = 8, most_counted = 100'000;
constexpr unsigned rank_every = 16;    // days
constexpr std::uint64_t together = 256; // mails asked for at once
constexpr std::size_t line_begin = 64; // octets: a line's seq and time

std::string receipt_of(std::string_view line) {
  // Cheap no first: most lines belong to no mail.
  if (line.find(R"("receipt":")") == std::string_view::npos) return {};
  nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object() || !object.contains("receipt") || !object["receipt"].is_string()) return {};
  return object["receipt"];
}

} // namespace

Result<std::optional<Mail>> Index::find(const std::string &receipt) {
  std::optional<Mail> found;
  const std::vector<Term> terms = terms_of(Field::receipt, receipt);
  auto accepted = spool::time_of_receipt(receipt);
  if (terms.empty() || !accepted) return found;
  const std::uint64_t day = day_of(*accepted);
  if (Month *month = month_of(day, false))
    if (auto seq = month->first_mail(date_of(day).date, terms.front())) found = Mail{day, *seq};
  TRY(health());
  return found;
}

Result<std::vector<Position>> Index::places_of(const Mail &mail) {
  std::vector<Position> places;
  if (Month *month = month_of(mail.day, false)) places = month->places(date_of(mail.day).date, mail.seq);
  TRY(health());
  return places;
}

/// When the line there was written; 0: it cannot be read.
UnixSeconds Index::time_at(const Position &place) const {
  UniqueFd file(::open((folder_ + "/" + place.file).c_str(), O_RDONLY | O_CLOEXEC));
  std::string begin(line_begin, '\0');
  if (!file || ::pread(file.get(), begin.data(), begin.size(), static_cast<off_t>(place.offset)) < 0) return 0;
  constexpr std::string_view opening = R"("time":")";
  const std::size_t at = begin.find(opening);
  return at == std::string::npos ? 0 : time_in(begin.substr(at + opening.size(), 20));
}

/// A number that all mails of the day which were taken later than `time` reach, and no others: numbers follow the time.
std::uint64_t Index::first_later_than(Month &month, std::uint64_t day, UnixSeconds time) const {
  const unsigned date = date_of(day).date;
  std::uint64_t earlier = 0, later = month.newest(date) + 1;
  while (earlier + 1 < later) {
    const std::uint64_t middle = earlier + (later - earlier) / 2;
    const std::uint64_t mail = month.first_from(date, middle);
    const std::vector<Position> places = mail > 0 && mail < later ? month.places(date, mail) : std::vector<Position>();
    if (places.empty() || time_at(places.front()) > time) later = middle;
    else earlier = mail;
  }
  return later;
}

/// One question, day after day.
struct Index::Search {
  Index &index;
  std::vector<Term> terms; // the one that was rarest on the day before stands first
  UnixSeconds since, until;
  const std::function<bool(const Mail &)> &visit;
  std::uint64_t latest;
  unsigned days_ranked = 0; // since they were counted
  bool came_to_the_end = true;

  /// The lines about a mail may begin on the day after its acceptance.
  bool concerns(std::uint64_t day) const {
    return (until == 0 || start_of(day) <= until) && (since == 0 || start_of(day + 2) > since);
  }

  /// Whether the day can have such a mail.  What is rare on one day is so on its neighbours.
  bool rarest_first(Month &month, unsigned date) {
    if (terms.empty()) return true;
    if (days_ranked > 0 && days_ranked++ % rank_every != 0)
      return month.count(date, terms.front(), 1) > 0;
    std::vector<std::pair<std::uint64_t, Term>> ranked;
    for (std::uint64_t most = counted;; most *= counted_more) {
      ranked.clear();
      for (std::size_t i = 0; i < terms.size(); ++i) {
        ranked.emplace_back(month.count(date, terms[i], most), terms[i]);
        if (ranked.back().first > 0) continue;
        std::swap(terms[0], terms[i]);
        return false;
      }
      std::ranges::sort(ranked);
      if (ranked.size() < 2 || ranked.front().first < most || most > most_counted) break;
    }
    for (std::size_t i = 0; i < ranked.size(); ++i) terms[i] = ranked[i].second;
    days_ranked = 1;
    return true;
  }

  /// Whether to go on to the day before.
  bool look_at(Month &month, std::uint64_t day) {
    const unsigned date = date_of(day).date;
    if (!rarest_first(month, date)) return true;
    const bool ends_here = until > 0 && until < start_of(day + 2), begins_here = since > start_of(day);
    std::uint64_t before = ends_here ? index.first_later_than(month, day, until) : std::uint64_t{std::numeric_limits<std::int64_t>::max()};
    const std::uint64_t first = begins_here ? index.first_later_than(month, day, since - 1) : 0;
    const std::optional<Term> leading = terms.empty() ? std::nullopt : std::optional(terms.front());
    for (;;) {
      const std::vector<std::uint64_t> mails = month.mails(date, leading, before, together);
      for (const std::uint64_t mail : mails) {
        if (mail < first) return true;
        auto has = [&](Term term) { return term == leading || month.has(date, term, mail); };
        if (std::ranges::all_of(terms, has) && !visit({day, mail})) return false;
      }
      if (mails.size() < together) return true;
      before = mails.back();
      came_to_the_end = monotonic_ns() < latest;
      if (!came_to_the_end) return false;
    }
  }
};

Result<bool> Index::each_mail(std::vector<Term> terms, UnixSeconds since, UnixSeconds until, std::uint64_t latest,
                              const std::function<bool(const Mail &)> &visit) {
  Search search{*this, std::move(terms), since, until, visit, latest};
  std::vector<unsigned> numbers; // the visitor may make health() open them anew
  for (const auto &[number, month] : months_) numbers.push_back(number);
  for (std::size_t i = numbers.size(); i-- > 0;)
    for (unsigned date = 31; date > 0; --date) {
      const std::optional<std::uint64_t> day = record::day_of(numbers[i], date);
      if (!day || !search.concerns(*day)) continue;
      Month *month = month_of(*day, false);
      const bool goes_on = !month || search.look_at(*month, *day);
      TRY(health());
      if (!goes_on) return search.came_to_the_end;
      if (monotonic_ns() >= latest) return false;
    }
  return true;
}

Result<std::vector<std::string>> Index::read(const std::vector<Position> &places, std::size_t limit) const {
  std::vector<std::string> lines;
  std::size_t total = 0;
  UniqueFd file;
  std::string name;
  for (const Position &place : places) {
    if (total + place.length > limit) break;
    if (name != place.file) {
      name = place.file;
      file.reset(::open((folder_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC));
      const int error = errno;
      auto names = file || error != ENOENT ? Result<std::vector<std::string>>(fail("")) : list_files(folder_);
      const bool is_too_old = names && (names->empty() || name < names->front());
      if (!file && !is_too_old) return fail("the record is not whole: cannot read " + name + ": " + std::strerror(error));
    }
    if (!file) continue;
    std::string line(place.length, '\0');
    const ssize_t got = ::pread(file.get(), line.data(), line.size(), static_cast<off_t>(place.offset));
    if (got != static_cast<ssize_t>(place.length) || !read_line(line))
      return fail(fmt::format("the record is not whole: what stands at {}:{} is not as it was written; "
                              "`sekisho record verify` tells more", name, place.offset));
    total += place.length;
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::vector<std::string>> find_lines(const std::string &folder, const std::string &receipt, std::size_t limit) {
  std::vector<std::string> lines;
  std::size_t total = 0;
  Result<std::vector<std::string>> names = list_files(folder);
  if (!names) return fail(names.error());
  for (const std::string &name : *names) {
    Result<std::string> text = read_file(folder + "/" + name);
    if (!text) return fail(text.error());
    each_line(*text, [&](std::string_view line, std::size_t) {
      if (total + line.size() > limit || receipt_of(line) != receipt) return;
      total += line.size();
      lines.emplace_back(line);
    });
  }
  return lines;
}

} // namespace sekisho::record
