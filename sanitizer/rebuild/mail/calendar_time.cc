#include "sanitizer/rebuild/mail/calendar_time.hh"

#include "base/text.hh"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

namespace sekisho::rebuild {
namespace {

using namespace std::chrono;

int number_of(std::string_view digits) {
  int number = 0;
  for (char c : digits)
    number = number * 10 + (c - '0');
  return number;
}

/// 1 to 9999, as a count or an interval is; else 0.
int small_number(std::string_view digits) {
  return !digits.empty() && digits.size() <= 4 && is_digits(digits) ? number_of(digits) : 0;
}

struct Rule {
  std::string frequency, until;
  int interval = 1, count = 0;
  std::vector<std::string_view> days;
};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t end = text.find(at);
    pieces.push_back(text.substr(0, end));
    if (end == text.npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

/// Nothing where it has a part that is not told here.
std::optional<Rule> read_rule(std::string_view text) {
  Rule rule;
  std::vector<std::string> seen;
  for (const std::string_view part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    if (equals == part.npos) return {};
    const std::string name = lower_case(part.substr(0, equals));
    const std::string_view value = part.substr(equals + 1);
    if (std::ranges::find(seen, name) != seen.end()) return {};
    seen.push_back(name);
    if (name == "freq") rule.frequency = lower_case(value);
    else if (name == "interval") rule.interval = small_number(value);
    else if (name == "count") rule.count = small_number(value);
    else if (name == "until") rule.until = value;
    else if (name == "byday") rule.days = split(value, ',');
    else if (name != "wkst") return {};
    if ((name == "interval" && rule.interval == 0) || (name == "count" && rule.count == 0)) return {};
    if (name == "until" && !read_moment(value)) return {};
  }
  return rule;
}

struct WeekDay {
  int ordinal = 0; // of the month, from its end where negative; 0: each
  std::string_view name;
};

std::optional<WeekDay> read_week_day(std::string_view text) {
  constexpr std::array<std::string_view, 7> words = {"mo", "tu", "we", "th", "fr", "sa", "su"},
                                            names = {"月", "火", "水", "木", "金", "土", "日"};
  if (text.size() < 2) return {};
  const auto at = std::ranges::find(words, lower_case(text.substr(text.size() - 2)));
  if (at == words.end()) return {};
  WeekDay day{0, names[static_cast<std::size_t>(at - words.begin())]};
  text.remove_suffix(2);
  if (text.empty()) return day;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const int ordinal = small_number(text);
  if (ordinal < 1 || ordinal > 5) return {};
  day.ordinal = negative ? -ordinal : ordinal;
  return day;
}

/// "月・水曜日"
std::optional<std::string> each_week(const std::vector<std::string_view> &days) {
  std::string words;
  for (const std::string_view text : days) {
    const std::optional<WeekDay> day = read_week_day(text);
    if (!day || day->ordinal != 0) return {};
    words += words.empty() ? "" : "・";
    words += day->name;
  }
  return words + "曜日";
}

/// "第1火曜日・最終金曜日"
std::optional<std::string> of_month(const std::vector<std::string_view> &days) {
  std::string words;
  for (const std::string_view text : days) {
    const std::optional<WeekDay> day = read_week_day(text);
    if (!day || day->ordinal == 0) return {};
    words += words.empty() ? "" : "・";
    words += day->ordinal > 0    ? "第" + std::to_string(day->ordinal)
             : day->ordinal < -1 ? "最後から" + std::to_string(-day->ordinal) + "番目の"
                                 : "最終";
    words.append(day->name).append("曜日");
  }
  return words;
}

/// "毎週月・水曜日", "2週間ごと"
std::optional<std::string> how_often(Rule rule) {
  struct Row {
    std::string_view frequency, each, unit;
  };
  constexpr Row rows[] = {{"daily", "毎日", "日"}, {"weekly", "毎週", "週間"}, {"monthly", "毎月", "か月"}, {"yearly", "毎年", "年"}};
  if (rule.frequency == "daily" && rule.interval == 1 && !rule.days.empty()) rule.frequency = "weekly"; // the same days
  const auto row = std::ranges::find(rows, rule.frequency, &Row::frequency);
  if (row == std::end(rows)) return {};
  std::string words = rule.interval == 1 ? std::string(row->each) : std::to_string(rule.interval).append(row->unit).append("ごと");
  if (rule.days.empty()) return words;
  if (row->frequency != "weekly" && row->frequency != "monthly") return {};
  const std::optional<std::string> days = row->frequency == "weekly" ? each_week(rule.days) : of_month(rule.days);
  if (!days) return {};
  return words.append(rule.interval == 1 ? "" : "の").append(*days);
}

/// The day alone where an event that starts at its time can still be on it.
std::string until_words(const Moment &until, const std::optional<Moment> &start) {
  const Moment shown = in_japan(until);
  const bool is_day = !shown.time || (start && (!start->time || *shown.time >= *start->time));
  if (is_day) return date_words(shown.day);
  return moment_words(shown).append(shown.utc ? of_japan : "");
}

} // namespace

std::optional<Moment> read_moment(std::string_view value) {
  if (value.size() < 8 || !is_digits(value.substr(0, 8)) || number_of(value.substr(0, 4)) < 1) return {};
  const year_month_day date(year(number_of(value.substr(0, 4))), month(static_cast<unsigned>(number_of(value.substr(4, 2)))),
                            day(static_cast<unsigned>(number_of(value.substr(6, 2)))));
  if (!date.ok()) return {};
  Moment moment{sys_days(date)};
  if (value.size() == 8) return moment;
  if (value.size() < 13 || value[8] != 'T' || !is_digits(value.substr(9, 4))) return {};
  const int hour = number_of(value.substr(9, 2)), minute = number_of(value.substr(11, 2));
  if (hour > 23 || minute > 59) return {};
  moment.time = hours(hour) + minutes(minute);
  moment.utc = value.ends_with('Z');
  return moment;
}

Moment in_japan(Moment moment) {
  if (!moment.utc || !moment.time) return moment;
  *moment.time += hours(9);
  if (*moment.time >= days(1)) {
    *moment.time -= days(1);
    moment.day += days(1);
  }
  return moment;
}

std::string date_words(sys_days day) {
  const year_month_day date(day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", int(date.year()), unsigned(date.month()), unsigned(date.day()));
  return text;
}

std::string moment_words(const Moment &moment) {
  if (!moment.time) return date_words(moment.day) + " (終日)";
  char text[60];
  std::snprintf(text, sizeof text, " %02d:%02d", int(moment.time->count() / 60), int(moment.time->count() % 60));
  return date_words(moment.day) + text;
}

std::string recurrence_words(std::string_view text, const std::optional<Moment> &start) {
  const std::optional<Rule> rule = read_rule(text);
  if (!rule) return {};
  std::optional<std::string> words = how_often(*rule);
  if (!words) return {};
  if (rule->count > 0) words->append("、").append(std::to_string(rule->count)).append("回");
  if (!rule->until.empty()) words->append("、").append(until_words(*read_moment(rule->until), start)).append("まで");
  return *words;
}

} // namespace sekisho::rebuild
