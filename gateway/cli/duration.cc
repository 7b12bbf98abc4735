#include "gateway/cli/duration.hh"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <ctime>

namespace sekisho::cli {
namespace {

constexpr int japan = 9 * 3600; // a day is one there, as in rules
constexpr std::uint64_t longest = 100ull * 366 * 86'400; // seconds

/// The first `digits` octets of `text` as a number, taken off it.
std::optional<int> take_number(std::string_view &text, std::size_t digits) {
  int number = 0;
  if (text.size() < digits) return std::nullopt;
  auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || number < 0) return std::nullopt;
  text.remove_prefix(digits);
  return number;
}

bool take_letter(std::string_view &text, char letter) {
  if (!text.starts_with(letter)) return false;
  text.remove_prefix(1);
  return true;
}

/// "", "Z", "+09:00", "-05:00": seconds east of Greenwich.
std::optional<int> take_offset(std::string_view text, int otherwise) {
  if (text.empty()) return otherwise;
  if (text == "Z") return 0;
  int sign = text.front() == '+' ? 1 : text.front() == '-' ? -1 : 0;
  text.remove_prefix(1);
  auto hours = take_number(text, 2);
  if (sign == 0 || !hours || !take_letter(text, ':')) return std::nullopt;
  auto minutes = take_number(text, 2);
  if (!minutes || !text.empty() || *hours > 14 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

/// "18:45" or "18:45:30", taken off; seconds of the day.
std::optional<int> take_time(std::string_view &text) {
  auto hours = take_number(text, 2);
  if (!hours || !take_letter(text, ':')) return std::nullopt;
  auto minutes = take_number(text, 2);
  std::optional<int> seconds = 0;
  if (take_letter(text, ':')) seconds = take_number(text, 2);
  if (!minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return *hours * 3600 + *minutes * 60 + *seconds;
}

} // namespace

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  std::uint64_t number = 0;
  auto [unit, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || unit + 1 != text.data() + text.size()) return std::nullopt;
  std::uint64_t seconds = *unit == 's' ? 1 : *unit == 'm' ? 60 : *unit == 'h' ? 3600 : *unit == 'd' ? 86'400 : 0;
  if (seconds == 0 || number > longest / seconds) return std::nullopt;
  return number * seconds;
}

std::optional<UnixSeconds> parse_moment(std::string_view text, UnixSeconds now, OfDay of_day) {
  if (auto ago = parse_duration(text)) return now - static_cast<UnixSeconds>(*ago);
  auto year = take_number(text, 4);
  if (!year || !take_letter(text, '-')) return std::nullopt;
  auto month = take_number(text, 2);
  if (!month || !take_letter(text, '-')) return std::nullopt;
  auto day = take_number(text, 2);
  if (!day || *month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  const bool is_day = !take_letter(text, 'T');
  std::optional<int> time = is_day && of_day == OfDay::end ? 86'399 : 0;
  if (!is_day) time = take_time(text);
  if (!time) return std::nullopt;
  std::optional<int> offset = take_offset(text, is_day ? japan : 0);
  if (!offset) return std::nullopt;
  std::tm date{};
  date.tm_year = *year - 1900;
  date.tm_mon = *month - 1;
  date.tm_mday = *day;
  const std::time_t begin = ::timegm(&date);
  if (date.tm_mday != *day) return std::nullopt; // no such day
  return begin + *time - *offset;
}

Result<Span> parse_span(const std::string &since, const std::string &until, UnixSeconds now) {
  Span span;
  const auto read = [&](std::string_view name, const std::string &text, OfDay of_day, std::optional<UnixSeconds> &moment) -> Result<void> {
    if (text.empty()) return {};
    moment = parse_moment(text, now, of_day);
    if (moment) return {};
    return fail(fmt::format("{} wants 7d, 2026-11-20 or 2026-11-20T18:45+09:00, not {}", name, text));
  };
  if (Result<void> good = read("--since", since, OfDay::begin, span.since); !good) return fail(good.error());
  if (Result<void> good = read("--until", until, OfDay::end, span.until); !good) return fail(good.error());
  if (span.since && span.until && *span.since > *span.until)
    return fail(fmt::format("--since {} is later than --until {}", since, until));
  return span;
}

std::string short_duration(std::uint64_t seconds) {
  if (seconds < 120) return fmt::format("{} s", seconds);
  if (seconds < 7200) return fmt::format("{} min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{} h", seconds / 3600);
  return fmt::format("{} days", seconds / 86'400);
}

std::string short_number(double number) {
  constexpr std::string_view units[] = {"", "k", "M", "G", "T", "P"};
  std::size_t unit = 0;
  while (number >= 999.5 && unit + 1 < std::size(units)) {
    number /= 1000;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}", number);
  int digits = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
  return fmt::format("{:.{}f}{}", number, digits, units[unit]);
}

} // namespace sekisho::cli
