#include "sanitizer/rebuild/mail/calendar_time.hh"

#include "base/text.hh"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
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
  std::vector<int> month_days, months, places; // counted from the end where negative; places: of those of a month
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

/// "15,-1": none of them 0, nor beyond `most`; nothing where one is something else.
std::vector<int> numbers(std::string_view text, int most) {
  std::vector<int> read;
  for (std::string_view one : split(text, ',')) {
    const bool negative = one.starts_with('-');
    if (negative || one.starts_with('+')) one.remove_prefix(1);
    const int number = small_number(one);
    if (number == 0 || number > most) return {};
    read.push_back(negative ? -number : number);
  }
  return read;
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
    else if (name == "bymonthday") rule.month_days = numbers(value, 31);
    else if (name == "bymonth") rule.months = numbers(value, 12);
    else if (name == "bysetpos") rule.places = numbers(value, 31);
    else if (name != "wkst") return {};
    if ((name == "bymonthday" && rule.month_days.empty()) || (name == "bymonth" && rule.months.empty()) ||
        (name == "bysetpos" && rule.places.empty()))
      return {};
    if ((name == "interval" && rule.interval == 0) || (name == "count" && rule.count == 0)) return {};
    if (name == "until" && !read_moment(value)) return {};
  }
  return rule;
}

struct WeekDay {
  int ordinal = 0; // of the month, from its end where negative; 0: each
  weekday day{};
  std::string_view name;
};

constexpr std::array<std::string_view, 7> week_days = {"mo", "tu", "we", "th", "fr", "sa", "su"};

std::optional<WeekDay> read_week_day(std::string_view text) {
  constexpr std::array<std::string_view, 7> names = {"月", "火", "水", "木", "金", "土", "日"};
  if (text.size() < 2) return {};
  const auto at = std::ranges::find(week_days, lower_case(text.substr(text.size() - 2)));
  if (at == week_days.end()) return {};
  const auto index = static_cast<unsigned>(at - week_days.begin());
  WeekDay day{0, weekday(index + 1), names[index]};
  text.remove_suffix(2);
  if (text.empty()) return day;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const int ordinal = small_number(text);
  if (ordinal < 1 || ordinal > 5) return {};
  day.ordinal = negative ? -ordinal : ordinal;
  return day;
}

void add(std::string &words, std::string_view more) {
  words.append(words.empty() ? "" : "・").append(more);
}

/// "月・水曜日"
std::optional<std::string> each_week(const std::vector<std::string_view> &days) {
  std::string words;
  for (const std::string_view text : days) {
    const std::optional<WeekDay> day = read_week_day(text);
    if (!day || day->ordinal != 0) return {};
    add(words, day->name);
  }
  return words + "曜日";
}

/// "第1火曜日", "最終金曜日"
std::string in_order(int ordinal, std::string_view day) {
  std::string words = ordinal > 0    ? "第" + std::to_string(ordinal)
                      : ordinal < -1 ? "最後から" + std::to_string(-ordinal) + "番目の"
                                     : "最終";
  return words.append(day).append("曜日");
}

/// "最後の平日(月～金)", "月・水曜日のうち2番目の日": as Outlook and Google write some days of a month.
std::optional<std::string> one_of(const std::vector<std::string_view> &days, int place) {
  const std::optional<std::string> week = each_week(days);
  if (!week) return {};
  const std::string which = place == 1    ? "最初の"
                            : place == -1 ? "最後の"
                            : place > 0   ? std::to_string(place) + "番目の"
                                          : "最後から" + std::to_string(-place) + "番目の";
  std::vector<std::string> sorted;
  for (const std::string_view day : days) sorted.push_back(lower_case(day));
  std::ranges::sort(sorted);
  if (sorted == std::vector<std::string>{"fr", "mo", "th", "tu", "we"}) return which + "平日(月～金)";
  return days.size() == 7 ? which + "日" : *week + "のうち" + which + "日";
}

/// "第1火曜日・最終金曜日"
std::optional<std::string> of_month(const Rule &rule) {
  std::string words;
  if (rule.days.size() > 1 && rule.places.size() == 1) return one_of(rule.days, rule.places.front());
  if (rule.days.size() > 1 && !rule.places.empty()) return {};
  for (const std::string_view text : rule.days) {
    const std::optional<WeekDay> day = read_week_day(text);
    if (!day || (day->ordinal == 0) == rule.places.empty()) return {};
    for (const int place : rule.places) add(words, in_order(place, day->name));
    if (day->ordinal != 0) add(words, in_order(day->ordinal, day->name));
  }
  for (const int day : rule.month_days)
    add(words, day > 0     ? std::to_string(day) + "日"
               : day == -1 ? std::string("末日")
                           : "月末から" + std::to_string(-day) + "日目");
  return words;
}

/// "4月1日", "4月・10月の1日", "5月の第2月曜日"
std::optional<std::string> of_year(const Rule &rule) {
  const std::optional<std::string> days = of_month(rule);
  if (rule.months.empty() || !days) return {}; // without months, of the year
  std::string words;
  for (const int month : rule.months) {
    if (month < 0) return {};
    add(words, std::to_string(month) + "月");
  }
  const bool is_date = rule.months.size() == 1 && !rule.month_days.empty();
  return words.append(is_date ? "" : "の").append(*days);
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
  if (rule.days.empty() && rule.month_days.empty() && rule.months.empty() && rule.places.empty()) return words;
  const bool is_month = row->frequency == "monthly", is_year = row->frequency == "yearly";
  if (rule.days.empty() == rule.month_days.empty() || (rule.days.empty() && !rule.places.empty())) return {};
  if (!is_year && !rule.months.empty()) return {};
  if (!is_month && !is_year && (row->frequency != "weekly" || rule.days.empty() || !rule.places.empty())) return {};
  const std::optional<std::string> days = is_year ? of_year(rule) : is_month ? of_month(rule) : each_week(rule.days);
  if (!days) return {};
  return words.append(rule.interval == 1 ? "" : "の").append(*days);
}

/// Of days of the week alone each may be told as the next one; not where two weeks would part them.
bool move_by_a_day(Rule &rule) {
  const bool is_week = rule.frequency == "weekly" || rule.frequency == "daily";
  if (!is_week || rule.days.empty() || (rule.interval > 1 && rule.days.size() > 1)) return false;
  for (std::string_view &text : rule.days) {
    const std::optional<WeekDay> day = read_week_day(text);
    if (!day || day->ordinal != 0) return false;
    text = week_days[day->day.iso_encoding() % week_days.size()];
  }
  return true;
}

/// The day alone where an event that starts at its time can still be on it.
std::string until_words(const Moment &until, const std::optional<Moment> &start) {
  const Moment shown = in_japan(until);
  const bool is_day = !shown.time || (start && (!start->time || *shown.time >= *start->time));
  if (is_day) return date_words(shown.day);
  return moment_words(shown).append(shown.utc ? of_japan : "");
}

/// "+0900", "-033000" (RFC 5545 §3.3.14)
std::optional<minutes> read_offset(std::string_view text) {
  const bool negative = text.starts_with('-');
  if ((!negative && !text.starts_with('+')) || (text.size() != 5 && text.size() != 7) || !is_digits(text.substr(1))) return {};
  const minutes ahead = hours(number_of(text.substr(1, 2))) + minutes(number_of(text.substr(3, 2)));
  return negative ? -ahead : ahead;
}

minutes since_epoch(const Moment &moment) {
  return moment.day.time_since_epoch() + moment.time.value_or(minutes(0));
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
  return moment.utc ? in_japan(moment, minutes(0)) : moment;
}

Moment in_japan(Moment moment, minutes ahead) {
  if (!moment.time) return moment;
  *moment.time += japan_ahead - ahead;
  const days over = floor<days>(*moment.time);
  *moment.time -= over;
  moment.day += over;
  return moment;
}

void Zone::add(std::string_view offset, std::string_view start, std::string_view rule) {
  constexpr std::size_t most_changes = 100;
  const std::optional<Change> change = changes_.size() < most_changes ? read(offset, start, rule) : std::nullopt;
  if (change)
    changes_.push_back(*change);
  else
    unread_ = true;
}

std::optional<Zone::Change> Zone::read(std::string_view offset, std::string_view start, std::string_view rule_text) {
  const std::optional<minutes> ahead = read_offset(offset);
  const std::optional<Moment> first = read_moment(start);
  if (!ahead || !first || !first->time) return {};
  Change change{.ahead = *ahead, .first = since_epoch(*first)};
  if (rule_text.empty()) return change;
  const std::optional<Rule> rule = read_rule(rule_text);
  if (!rule || rule->frequency != "yearly" || rule->interval != 1 || rule->count != 0 || rule->months.size() != 1 || rule->months[0] < 0 ||
      !rule->places.empty() || rule->days.size() > 1)
    return {};
  change.month = month(static_cast<unsigned>(rule->months[0]));
  if (!rule->until.empty()) change.until = read_moment(rule->until)->day + days(1); // in UTC
  if (!rule->days.empty()) {
    const std::optional<WeekDay> day = read_week_day(rule->days[0]);
    if (!day) return {};
    change.week_day = day->day;
    change.ordinal = day->ordinal;
  }
  if (change.ordinal != 0) return rule->month_days.empty() ? std::optional(change) : std::nullopt;
  const std::vector<int> &month_days = rule->month_days; // "8,9,10,11,12,13,14" of a day of the week: the second one
  if (month_days.size() != (change.week_day ? 7 : 1) || std::ranges::any_of(month_days, [](int day) { return day < 0; })) return {};
  change.day = day(static_cast<unsigned>(std::ranges::min(month_days)));
  return change;
}

sys_days Zone::day_in(const Change &change, year year) {
  if (change.ordinal > 0) return year / change.month / (*change.week_day)[static_cast<unsigned>(change.ordinal)];
  if (change.ordinal < 0) return sys_days(year / change.month / (*change.week_day)[last]) + weeks(change.ordinal + 1);
  const sys_days from = year / change.month / change.day;
  return change.week_day ? from + (*change.week_day - weekday(from)) : from;
}

/// When it came to be last, before a time of these clocks.
std::optional<minutes> Zone::last_of(const Change &change, const Moment &local) {
  const minutes now = since_epoch(local);
  if (now < change.first) return {};
  if (!change.yearly()) return change.first;
  year last_year = year_month_day(change.until ? std::min(*change.until, local.day) : local.day).year();
  for (unsigned i = 0; i < 2; ++i, --last_year) {
    const sys_days day = day_in(change, last_year);
    const minutes at = day.time_since_epoch() + change.first - floor<days>(change.first);
    if (at <= now && at >= change.first && (!change.until || day <= *change.until)) return at;
  }
  return change.first;
}

std::optional<minutes> Zone::ahead_at(const Moment &local) const {
  if (unread_ || changes_.empty()) return {};
  const auto is_first = [&](const Change &change) { return change.ahead == changes_.front().ahead; };
  if (std::ranges::all_of(changes_, is_first)) return changes_.front().ahead; // since ever, whatever the calendar says
  std::optional<minutes> last, ahead;
  for (const Change &change : changes_)
    if (const std::optional<minutes> at = last_of(change, local); at && (!last || *at >= *last)) {
      last = at;
      ahead = change.ahead;
    }
  return ahead;
}

std::string Zone::offsets() const {
  std::string words;
  for (const Change &change : changes_) {
    const int ahead = int(change.ahead.count());
    char text[20];
    std::snprintf(text, sizeof text, "UTC%c%02d:%02d", ahead < 0 ? '-' : '+', std::abs(ahead) / 60, std::abs(ahead) % 60);
    if (words.find(text) == words.npos) words.append(words.empty() ? "" : ", ").append(text);
  }
  return words;
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

std::string recurrence_words(std::string_view text, const std::optional<Moment> &start, bool is_next_day) {
  std::optional<Rule> rule = read_rule(text);
  if (!rule) return {};
  const bool says_day = !rule->days.empty() || !rule->month_days.empty();
  const bool is_day_after = is_next_day && says_day && !move_by_a_day(*rule);
  std::optional<std::string> words = how_often(*rule);
  if (!words) return {};
  if (is_day_after) words->append("の翌日");
  if (rule->count > 0) words->append("、").append(std::to_string(rule->count)).append("回");
  if (!rule->until.empty()) words->append("、").append(until_words(*read_moment(rule->until), start)).append("まで");
  return *words;
}

} // namespace sekisho::rebuild
