#include "rules/text.hh"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sekisho::rules {
namespace {

struct Range {
  char32_t first, last;
};

// UAX #11 classes W and F, neighbouring blocks joined.
constexpr std::array<Range, 19> wide = {{
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x2e80, 0x303e},   {0x3041, 0x3247},   {0x3250, 0x4dbf},   {0x4e00, 0xa4cf},
    {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff},
    {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
}};
constexpr std::array<Range, 7> no_width = {{
    {0x0300, 0x036f},
    {0x200b, 0x200f},
    {0x202a, 0x202e},
    {0x2060, 0x2069},
    {0x3099, 0x309a},
    {0xfe00, 0xfe0f},
    {0xfeff, 0xfeff},
}};

template <std::size_t n> bool is_in(const std::array<Range, n> &ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(), [code](const Range &range) {
    return range.first <= code && code <= range.last;
  });
}

constexpr std::size_t max_compared = 64; // characters: longer words are not compared

constexpr std::size_t max_candidates = 10'000; // words compared with

/// Edits (insert, remove, replace, swap neighbours) from one word to the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, max_compared + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j)
    rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto &row = rows[i % 3];
    const auto &above = rows[(i + 2) % 3];
    const auto &two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

} // namespace

Character first_character(std::string_view text) {
  constexpr Character invalid{0xfffd, 1, false};
  auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned lead = octet(0);
  if (lead < 0x80) return {lead, 1, true};
  unsigned length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return invalid;
  char32_t code = lead & (0xffu >> (length + 1));
  for (unsigned i = 1; i < length; ++i) {
    if ((octet(i) & 0xc0) != 0x80) return invalid;
    code = code << 6 | (octet(i) & 0x3fu);
  }
  constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return invalid;
  return {code, static_cast<std::uint8_t>(length), true};
}

std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count)
    text.remove_prefix(first_character(text).octets);
  return count;
}

unsigned display_width(char32_t code) {
  if (code < 0x300) return 1;
  if (is_in(no_width, code)) return 0;
  return is_in(wide, code) ? 2 : 1;
}

bool is_invisible_control(char32_t code) {
  return (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || code == 0x61c || code == 0xad ||
         (code >= 0xe0000 && code <= 0xe007f) || code == 0x2028 || code == 0x2029;
}

std::string_view nearest(std::string_view typed, std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t best_distance = std::min<std::size_t>(typed.size() / 3 + 1, 4);
  if (typed.size() > max_compared || typed.size() < 2) return best;
  for (std::string_view candidate : known.first(std::min(known.size(), max_candidates))) {
    std::size_t longer = std::max(candidate.size(), typed.size());
    if (candidate.size() > max_compared || candidate == typed ||
        longer - std::min(candidate.size(), typed.size()) > best_distance)
      continue;
    std::size_t distance = edit_distance(lower_case(typed), lower_case(candidate));
    if (distance >= std::max(typed.size(), candidate.size()) / 2 + 1) continue;
    if (distance < best_distance + (best.empty() ? 1 : 0)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string none_called(std::string_view kind, std::string_view typed, std::span<const std::string_view> known) {
  std::string there_are;
  for (std::string_view name : known) there_are.append(there_are.empty() ? "" : ", ").append(name);
  const std::string_view meant = nearest(typed, known);
  if (meant.empty()) return fmt::format("no {} is called '{}'; there are: {}", kind, typed, there_are);
  return fmt::format("no {} is called '{}'; did you mean '{}'? There are: {}", kind, typed, meant, there_are);
}

std::string clip(std::string_view text, std::size_t max_characters) {
  std::size_t octets = 0;
  for (std::size_t count = 0; octets < text.size(); ++count) {
    if (count == max_characters) return std::string(text.substr(0, octets)).append("…");
    octets += first_character(text.substr(octets)).octets;
  }
  return std::string(text);
}

} // namespace sekisho::rules
