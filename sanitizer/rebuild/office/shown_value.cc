#include "sanitizer/rebuild/office/shown_value.hh"

#include "base/text.hh"
#include "base/utf8.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

namespace sekisho::rebuild {
namespace {

/// Blanks, digits, letters and signs of full width and signs of minus as those of ASCII.
std::string plain_form(std::string_view words) {
  std::string plain;
  for (std::size_t at = 0; at < words.size();) {
    const std::size_t begin = at;
    const char32_t c = utf8_next(words, at);
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == 0xa0 || c == 0x3000;
    const bool minus = c == 0x2212 || c == 0x25b2 || c == 0x25b3; // △ is that of Japanese tables
    if (minus || blank)
      plain += minus ? '-' : ' ';
    else if (c >= 0xff01 && c <= 0xff5e)
      plain += static_cast<char>(c - 0xff01 + '!');
    else
      plain += words.substr(begin, at - begin);
  }
  return plain;
}

std::string without_blanks(std::string text) {
  std::erase(text, ' ');
  return text;
}

bool to_number(std::string_view text, double &number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// As it is or rounded to the decimals that are shown, between whatever other words: "1,234.6円", "(5)", "600-0001".
bool shows_number(std::string_view value, const std::string &words) {
  double number = 0, whole = 0;
  if (!to_number(value, number) || !std::isfinite(number)) return false;
  if (words.find_first_of("eE") != words.npos && to_number(words, whole)) return std::abs(whole - number) <= std::abs(number) * 5e-3;
  const std::size_t first = words.find_first_of("0123456789");
  if (first == words.npos) return false;
  std::string digits;
  std::size_t point = std::string::npos;
  for (std::size_t at = first; at < words.size(); ++at) {
    if (is_digit(words[at])) digits += words[at];
    if (words[at] != '.' || at + 1 >= words.size() || !is_digit(words[at + 1])) continue;
    if (point != std::string::npos) return false;
    point = digits.size();
  }
  const std::string_view before = std::string_view(words).substr(0, first);
  const bool negative = before.find_first_of("-(") != before.npos;
  if (!to_number(digits, whole)) return false;
  const double unit = point == std::string::npos ? 1 : std::pow(10, static_cast<double>(digits.size() - point));
  if (words.find('%') != words.npos) number *= 100;
  const double shown = (negative ? -whole : whole) / unit;
  return std::abs(shown - number) <= 0.5 / unit * (1 + 1e-6) + std::abs(number) * 1e-14;
}

/// The numbers in `text`, those of no more than nine digits.  False where one is longer.
bool numbers_in(std::string_view text, std::vector<long> &numbers) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    long number = 0;
    const std::size_t begin = at;
    for (; at < text.size() && is_digit(text[at]); ++at)
      if (at - begin < 9) number = number * 10 + (text[at] - '0');
    if (at - begin > 9) return false;
    numbers.push_back(number);
  }
  return true;
}

/// What may stand for one element of a date or time.
using Spellings = std::vector<long>;

/// Whether each of `numbers` is one of the elements, in their order.
bool are_in_order(const std::vector<long> &numbers, std::initializer_list<const Spellings *> elements) {
  auto element = elements.begin();
  for (const long number : numbers) {
    while (element != elements.end() && std::ranges::find(**element, number) == (*element)->end())
      ++element;
    if (element == elements.end()) return false;
    ++element;
  }
  return true;
}

constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr std::array<std::string_view, 7> youbi = {"日", "月", "火", "水", "木", "金", "土"};

struct Named {
  bool month = false, weekday = false;
};

/// Whether words of three letters and more name no other month or weekday than these, in English.
bool letters_name(std::string_view words, std::size_t month, std::size_t weekday, Named &named) {
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at;
    while (end < words.size() && is_letter(words[end]))
      ++end;
    if (end - at >= 3) {
      const std::string word = lower_case(words.substr(at, 3));
      if (word != months[month] && word != weekdays[weekday]) return false;
      (word == months[month] ? named.month : named.weekday) = true;
    }
    at = std::max(end, at + 1);
  }
  return true;
}

/// "2027-03-31" or "2027-03-31T08:30:00".
bool shows_date(std::string_view value, std::string words) {
  std::vector<long> of;
  if (value.starts_with('-') || !numbers_in(value.substr(0, value.find('.')), of) || of.size() < 3) return false;
  const long year = of[0], month = of[1], day = of[2];
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year > 9999 || month > 12 || day > 31 || !date.ok()) return false; // the calendar's types are narrow
  const unsigned weekday = std::chrono::weekday(std::chrono::sys_days(date)).c_encoding();
  std::string name = without_blanks(words);
  for (const std::string_view around : {"(", ")", "曜", "日"})
    if (const std::size_t at = name.find(around, around == "日" ? 3 : 0); at != name.npos) name.erase(at, around.size());
  if (name == youbi[weekday]) return true;
  constexpr std::string_view first = "元";
  if (const std::size_t at = words.find("元年"); at != words.npos) {
    words.erase(at + 1, first.size() - 1);
    words[at] = '1';
  }
  Named named;
  if (!letters_name(words, static_cast<std::size_t>(month - 1), weekday, named)) return false;
  std::vector<long> numbers;
  if (!numbers_in(words, numbers) || (numbers.empty() && !named.month && !named.weekday)) return false;
  // Years of the eras 令和, 平成, 昭和, 大正, 明治.
  const Spellings years = {year, year % 100, year - 2018, year - 1988, year - 1925, year - 1911, year - 1867, year * 100 + month,
                           year * 10'000 + month * 100 + day};
  const Spellings month_of = named.month ? Spellings() : Spellings{month}, days = {day};
  const auto part = [&](std::size_t at) { return at < of.size() ? of[at] : 0; };
  const Spellings hours = {part(3), part(3) % 12, (part(3) + 11) % 12 + 1}, minutes = {part(4)}, seconds = {part(5)};
  return are_in_order(numbers, {&years, &month_of, &days, &hours, &minutes, &seconds}) ||
         are_in_order(numbers, {&month_of, &days, &years, &hours, &minutes, &seconds}) ||
         (numbers.size() > 2 && are_in_order(numbers, {&days, &month_of, &years, &hours, &minutes, &seconds}));
}

/// "PT26H30M00S".
bool shows_time(std::string_view value, const std::string &words) {
  std::vector<long> of, numbers;
  if (!value.starts_with("PT") || !numbers_in(value.substr(0, value.find_first_of(".,")), of) || of.size() != 3) return false;
  if (!numbers_in(words, numbers) || numbers.empty()) return false;
  const Spellings hours = {of[0], of[0] % 24, of[0] % 12, (of[0] + 11) % 12 + 1};
  const Spellings minutes = {of[1], of[0] * 60 + of[1]};
  const Spellings seconds = {of[2], (of[0] * 60 + of[1]) * 60 + of[2]};
  return are_in_order(numbers, {&hours, &minutes, &seconds});
}

bool shows_boolean(std::string_view value, const std::string &words) {
  const std::string small = lower_case(words);
  return value == "true" ? small == "true" || words == "1" || words == "真" : small == "false" || words == "0" || words == "偽";
}

} // namespace

bool shows_value(std::string_view type, std::string_view value, std::string_view words) {
  const std::string shown = plain_form(words), plain = without_blanks(shown);
  if (type == "date") return shows_date(value, shown);
  if (type == "time") return shows_time(value, shown);
  if (type == "boolean") return shows_boolean(value, plain);
  if (type == "float" || type == "percentage" || type == "currency") return shows_number(value, plain);
  return plain == without_blanks(plain_form(value));
}

} // namespace sekisho::rebuild
