#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/header.hh"

#include <array>
#include <optional>

namespace sekisho::mime {
namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

/// Three of "27-Nov-2026" and "2026/11/27", two of "10:00:00+0900".
void add_word(std::vector<std::string_view> &words, std::string_view word) {
  const std::size_t clock = word.find_first_of(":."), first = word.find_first_of("-/+");
  const bool is_with_zone = clock != word.npos && first != word.npos && first > clock && word[first] != '/';
  const std::size_t second = first == word.npos || clock != word.npos ? word.npos : word.find(word[first], first + 1);
  if (is_with_zone) {
    words.push_back(word.substr(0, first));
    words.push_back(word.substr(first));
  } else if (first != 0 && second != word.npos) {
    words.push_back(word.substr(0, first));
    words.push_back(word.substr(first + 1, second - first - 1));
    words.push_back(word.substr(second + 1));
  } else {
    words.push_back(word);
  }
}

/// Words and numbers of an unfolded field, comments, commas and quotation marks left out.
std::vector<std::string_view> words_of(std::string_view unfolded) {
  std::vector<std::string_view> words;
  words.reserve(8);
  unsigned depth = 0;
  std::size_t start = 0; // of the word in hand
  for (std::size_t at = 0; at <= unfolded.size(); ++at) {
    const char c = at < unfolded.size() ? unfolded[at] : ' ';
    if (c == '(') depth++;
    const bool separates = depth > 0 || c == ' ' || c == '\t' || c == ',' || c == '"';
    if (c == ')' && depth > 0) depth--;
    if (!separates) continue;
    if (at > start) add_word(words, unfolded.substr(start, at - start));
    start = at + 1;
  }
  return words;
}

std::optional<int> number(std::string_view text, std::size_t min_digits, std::size_t max_digits) {
  if (text.size() < min_digits || text.size() > max_digits) return {};
  int value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return {};
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Of "Nov", "November", "11月"; 0: none.
int month_named(std::string_view word) {
  if (word.ends_with("月")) return number(word.substr(0, word.size() - std::string_view("月").size()), 1, 2).value_or(0);
  for (std::size_t i = 0; i < months.size(); i++)
    if (equals_ignoring_case(months[i], word.substr(0, 3))) return static_cast<int>(i) + 1;
  return 0;
}

/// 0 is Sunday.  Sakamoto's method.
int day_of_week(int year, int month, int day) {
  constexpr std::array<int, 12> offsets = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  if (month < 3) year--;
  return (year + year / 4 - year / 100 + year / 400 + offsets[static_cast<std::size_t>(month - 1)] +
          day) %
         7;
}

int days_in(int year, int month) {
  constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return lengths[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

/// "+0900", "GMT+0900", or the obsolete names of RFC 5322 §4.3; unknown ones are "-0000".
std::string zone_of(std::string_view word) {
  if (word.size() == 8 && (word.starts_with("GMT") || word.starts_with("UTC"))) word.remove_prefix(3);
  if (word.size() == 5 && (word[0] == '+' || word[0] == '-')) {
    std::optional<int> hours = number(word.substr(1, 2), 2, 2),
                       minutes = number(word.substr(3), 2, 2);
    if (hours && minutes && *hours < 15 && *minutes < 60) return std::string(word);
  }
  struct Named {
    std::string_view name, zone;
  };
  constexpr Named names[] = {{"UT", "+0000"},  {"GMT", "+0000"}, {"UTC", "+0000"}, {"Z", "+0000"},
                             {"JST", "+0900"}, {"EST", "-0500"}, {"EDT", "-0400"}, {"CST", "-0600"},
                             {"CDT", "-0500"}, {"MST", "-0700"}, {"MDT", "-0600"}, {"PST", "-0800"},
                             {"PDT", "-0700"}};
  for (const Named &row : names)
    if (equals_ignoring_case(row.name, word)) return std::string(row.zone);
  return "-0000";
}

std::string written(int year, int month, int day, int hour, int minute, int second, std::string_view zone) {
  const auto put = [](std::string &text, int value, int digits) {
    for (int power = digits == 4 ? 1000 : 10; power > 0; power /= 10)
      text += static_cast<char>('0' + value / power % 10);
  };
  std::string text(days[static_cast<std::size_t>(day_of_week(year, month, day))]);
  put(text += ", ", day, 2);
  (text += ' ') += months[static_cast<std::size_t>(month - 1)];
  put(text += ' ', year, 4);
  put(text += ' ', hour, 2);
  put(text += ':', minute, 2);
  put(text += ':', second, 2);
  return (text += ' ') += zone;
}

} // namespace

std::string canonical_date(std::string_view field_value) {
  const std::string unfolded = unfold(field_value.substr(0, 200));
  std::vector<std::string_view> words = words_of(unfolded);
  const auto is_asctime = [&] { // Nov 27 10:00:00 2026, some with the zone before the year
    return words.size() > 3 && month_named(words[0]) > 0 && number(words[1], 1, 2) && words[2].find_first_of(":.") != words[2].npos;
  };
  if (!words.empty() && !number(words[0], 1, 4) && !is_asctime()) words.erase(words.begin()); // the day's name
  if (words.size() < 4) return {};
  std::optional<int> day, year;
  int month = month_named(words[1]);
  std::string_view clock = words[3], zone = words.size() > 4 ? words[4] : std::string_view();
  if (number(words[0], 4, 4)) { // 2026/11/27 10:00:00
    year = number(words[0], 4, 4), month = number(words[1], 1, 2).value_or(0), day = number(words[2], 1, 2);
  } else if (is_asctime()) {
    const bool has_zone = words.size() > 4 && !number(words[3], 4, 4);
    month = month_named(words[0]), day = number(words[1], 1, 2), year = number(words[has_zone ? 4 : 3], 4, 4);
    clock = words[2], zone = has_zone ? words[3] : zone;
  } else {
    day = number(words[0], 1, 2), year = number(words[2], 2, 4);
  }
  if (!day || !year || month < 1 || month > 12) return {};
  if (*year < 50)
    *year += 2000;
  else if (*year < 1000)
    *year += 1900;
  if (*day < 1 || *year < 1970 || *year > 9999 || *day > days_in(*year, month)) return {};

  const char colon = clock.find(':') == clock.npos ? '.' : ':';
  const std::size_t end_of_hour = clock.find(colon);
  if (end_of_hour == clock.npos) return {};
  std::optional<int> hour = number(clock.substr(0, end_of_hour), 1, 2);
  std::string_view rest = clock.substr(end_of_hour + 1);
  std::optional<int> minute = number(rest.substr(0, 2), 2, 2), second = 0;
  if (rest.size() > 2) second = rest[2] == colon ? number(rest.substr(3), 2, 2) : std::nullopt;
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return {};

  return written(*year, month, *day, *hour, *minute, *second, zone_of(zone));
}

std::string date_of(UnixSeconds time) {
  using namespace std::chrono;
  const sys_seconds point{seconds(time)};
  const sys_days midnight = floor<std::chrono::days>(point);
  const year_month_day date(midnight);
  const hh_mm_ss clock(point - midnight);
  return written(static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
                 static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()), "+0000");
}

} // namespace sekisho::mime
