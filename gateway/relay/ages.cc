#include "gateway/relay/ages.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace sekisho::relay {
namespace {

constexpr std::size_t most_jumps = 1000; // a jump more forgets the first: of what is that old nothing is held

/// Numbers with a blank before each, all of the line.
template <std::size_t count> std::optional<std::array<UnixSeconds, count>> numbers_in(std::string_view line) {
  std::array<UnixSeconds, count> numbers{};
  for (UnixSeconds &number : numbers) {
    if (!line.starts_with(' ')) return std::nullopt;
    const auto [end, error] = std::from_chars(line.data() + 1, line.data() + line.size(), number);
    if (error != std::errc{}) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  }
  return line.empty() ? std::optional(numbers) : std::nullopt;
}

} // namespace

std::optional<Ages::Jump> Ages::look(UnixSeconds now, UnixSeconds steady) {
  // of an earlier process only the clock is known: all that it is ahead of it passed without us
  const UnixSeconds expected = has_lead_ ? steady + lead_ : last_ ? *last_ + keep_every : now;
  const UnixSeconds least = has_lead_ ? least_jump : least_absence;
  const bool has_jumped = now - expected >= least || expected - now >= least;
  if (has_jumped || !has_lead_) lead_ = now - steady;
  has_lead_ = true;
  last_ = now;
  if (!has_jumped) return std::nullopt;
  if (jumps_.size() == most_jumps) jumps_.erase(jumps_.begin());
  return jumps_.emplace_back(Jump{expected, now});
}

/// What the clock jumped over since.  Where it went back and jumped over the same once more, that counts once.
UnixSeconds Ages::left_out(UnixSeconds then, UnixSeconds now) const {
  std::vector<Jump> since;
  for (const Jump &jump : jumps_)
    if (jump.from >= then && jump.to > jump.from && jump.to <= now) since.push_back(jump);
  std::ranges::sort(since, {}, &Jump::from);
  UnixSeconds left_out = 0, end = then;
  for (const Jump &jump : since) {
    left_out += std::max<UnixSeconds>(0, jump.to - std::max(jump.from, end));
    end = std::max(end, jump.to);
  }
  return left_out;
}

UnixSeconds Ages::age(UnixSeconds then, UnixSeconds now) const {
  if (then <= now) return now - then - left_out(then, now);
  // of a clock that was wrong then: it was there when that one went back
  std::optional<UnixSeconds> age;
  for (const Jump &jump : jumps_)
    if (jump.from >= then && jump.to <= now) age = std::min(age.value_or(now - jump.to), now - jump.to);
  return age.value_or(0);
}

/// The age of all between two jumps differs by the same.
std::vector<Ages::Span> Ages::older_than(UnixSeconds wanted, UnixSeconds now) const {
  std::vector<UnixSeconds> ends = {now, std::numeric_limits<UnixSeconds>::max()};
  for (const Jump &jump : jumps_) ends.push_back(jump.from);
  std::ranges::sort(ends);
  std::vector<Span> spans;
  UnixSeconds first = std::numeric_limits<UnixSeconds>::min();
  for (const UnixSeconds end : ends) {
    if (end < first) continue;
    // up to now the later is the younger; beyond, all of a span is of one age
    const UnixSeconds last = end <= now ? std::min(end, now - wanted - 1 - left_out(end, now)) : end;
    if (last >= first && age(last, now) > wanted) spans.push_back({first, last});
    if (end == std::numeric_limits<UnixSeconds>::max()) break;
    first = end + 1;
  }
  return spans;
}

std::string Ages::encode(UnixSeconds now) const {
  std::string text = fmt::format("seen {}\n", now);
  for (const Jump &jump : jumps_) text += fmt::format("jump {} {}\n", jump.from, jump.to);
  return text;
}

bool Ages::decode(std::string_view text) {
  Ages read;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const std::string_view word = line.substr(0, 4);
    line.remove_prefix(word.size());
    if (const auto seen = numbers_in<1>(line); word == "seen" && seen) read.last_ = (*seen)[0];
    else if (const auto jump = numbers_in<2>(line); word == "jump" && jump && read.jumps_.size() < most_jumps)
      read.jumps_.push_back({(*jump)[0], (*jump)[1]});
    else return false;
  }
  if (!read.last_) return false;
  *this = std::move(read);
  return true;
}

} // namespace sekisho::relay
