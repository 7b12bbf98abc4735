#include "sanitizer/rebuild/office/number_words.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_code = 1024;   // octets; programs take 255 characters
constexpr std::size_t most_decimals = 30; // as many as programs take
constexpr double most_general = 1e10;     // beyond it "General" says powers
constexpr double most_number = 1e15;      // beyond it not every whole number is one

/// A number without its sign, in digits.
struct Digits {
  std::string whole; // without zeros before it: empty below one
  std::string decimals;
};

/// With 15 digits, as spreadsheets count, and half a digit up.
Digits digits_of(double number, std::size_t decimals, int shift) {
  const std::string scientific = fmt::format("{:.14e}", number); // d.dddddddddddddde±dd
  std::string all = scientific.substr(0, 1) + scientific.substr(2, 14);
  int whole = std::atoi(scientific.c_str() + 17) + 1 + shift;
  if (whole < 0) {
    all.insert(0, static_cast<std::size_t>(std::min(-whole, 400)), '0');
    whole = 0;
  }
  const std::size_t kept = static_cast<std::size_t>(whole) + decimals;
  bool carry = kept < all.size() && all[kept] >= '5';
  all.resize(kept, '0');
  std::size_t at = kept;
  for (; carry && at > 0; --at) {
    carry = all[at - 1] == '9';
    all[at - 1] = carry ? '0' : static_cast<char>(all[at - 1] + 1);
  }
  if (carry) {
    all.insert(all.begin(), '1');
    ++whole;
  }
  Digits digits{all.substr(0, static_cast<std::size_t>(whole)), all.substr(static_cast<std::size_t>(whole))};
  digits.whole.erase(0, digits.whole.find_first_not_of('0'));
  return digits;
}

} // namespace

std::string in_shown_digits(std::string_view stored, double number) {
  return stored.find_first_of(".eE") == stored.npos ? std::string(stored) : fmt::format("{:.15G}", number);
}

class NumberFormat::Parser {
public:
  explicit Parser(std::string_view code) : rest_(code) {}

  /// None where it has what we do not show.
  std::vector<Section> sections() {
    sections_.emplace_back();
    while (!rest_.empty())
      if (!step()) return {};
    return std::move(sections_);
  }

private:
  bool step() {
    const char c = take();
    switch (c) {
    case ';': sections_.emplace_back(); return true;
    case '0':
    case '#':
    case '?': return digit(c);
    case '.':
      put(has_point() ? Kind::words : Kind::point, ".");
      return true;
    case ',': return comma();
    case '%': put(Kind::percent, "%"); return true;
    case '@': put(Kind::text, {}); return true;
    case 'G':
    case 'g': return general();
    case '"': return words(rest_.substr(0, rest_.find('"')), 1);
    case '\\':
    case '!': return words(character(), 0);
    case '_':
    case '*': rest_.remove_prefix(character().size()); return true;
    case '[': return bracket();
    default: return plain(c);
    }
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  std::string_view character() const {
    std::size_t size = std::min<std::size_t>(1, rest_.size());
    while (size < rest_.size() && (rest_[size] & 0xc0) == 0x80)
      ++size;
    return rest_.substr(0, size);
  }
  void put(Kind kind, std::string_view words, char digit = 0) {
    Section &section = sections_.back();
    section.whole += kind == Kind::whole;
    section.decimals += kind == Kind::decimal;
    section.points += kind == Kind::point;
    section.percents += kind == Kind::percent;
    section.generals += kind == Kind::general;
    section.texts += kind == Kind::text;
    section.pieces.push_back({kind, digit, std::string(words)});
  }
  bool words(std::string_view words, std::size_t behind) {
    put(Kind::words, words);
    rest_.remove_prefix(std::min(words.size() + behind, rest_.size()));
    return true;
  }
  bool has_point() const { return sections_.back().points > 0; }

  bool digit(char c) {
    put(has_point() ? Kind::decimal : Kind::whole, {}, c);
    return true;
  }
  /// Between digits: groups of three; behind them it would divide by a thousand.
  bool comma() {
    const bool between = !sections_.back().pieces.empty() && sections_.back().pieces.back().kind == Kind::whole &&
                         !rest_.empty() && std::string_view("0#?").find(rest_.front()) != std::string_view::npos;
    sections_.back().grouped = true;
    return between;
  }
  bool bracket() {
    const std::string_view inside = rest_.substr(0, rest_.find(']'));
    rest_.remove_prefix(std::min(inside.size() + 1, rest_.size()));
    if (inside.starts_with('$')) { // a currency, with a place
      put(Kind::words, inside.substr(1, inside.find('-') - 1));
      return true;
    }
    const std::size_t sign = std::min(inside.find_first_not_of("<>="), inside.size());
    if (sign == 0) return !inside.empty() && !inside.starts_with("DBNum") && !inside.starts_with("dbnum"); // a colour
    Condition &condition = sections_.back().condition.emplace(Condition{std::string(inside.substr(0, sign))});
    const char *end = inside.data() + inside.size();
    return std::from_chars(inside.data() + sign, end, condition.number).ptr == end;
  }
  bool general() {
    constexpr std::string_view rest = "eneral";
    const bool same = std::ranges::equal(rest_.substr(0, rest.size()), rest, {}, [](char c) { return static_cast<char>(c | 0x20); });
    put(Kind::general, {});
    rest_.remove_prefix(std::min(rest.size(), rest_.size()));
    return same;
  }
  bool plain(char c) {
    const bool shown = (c & 0x80) != 0 || std::string_view(" $-+():^&'~{}<>=").find(c) != std::string_view::npos;
    if (shown) put(Kind::words, std::string_view(&c, 1));
    return shown;
  }

  std::string_view rest_;
  std::vector<Section> sections_;
};

bool NumberFormat::Condition::holds(double other) const {
  if (sign == "<") return other < number;
  if (sign == "<=") return other <= number;
  if (sign == ">") return other > number;
  if (sign == ">=") return other >= number;
  return (sign == "=") == (other == number); // "<>"
}

std::string NumberFormat::Section::shown(double number) const {
  Digits digits = digits_of(number, decimals, static_cast<int>(2 * percents));
  while (digits.decimals.ends_with('0')) // "#" does not show them
    digits.decimals.pop_back();
  std::string line;
  std::size_t place = whole, decimal = 0;
  const auto put_whole = [&](std::size_t from_right, char otherwise) {
    const std::size_t size = digits.whole.size();
    if (from_right >= size && otherwise != '0') return;
    line += from_right < size ? digits.whole[size - from_right - 1] : '0';
    if (grouped && from_right > 0 && from_right % 3 == 0) line += ',';
  };
  for (const Piece &piece : pieces) {
    switch (piece.kind) {
    case Kind::whole:
      for (std::size_t more = place == whole ? digits.whole.size() : 0; more > whole; --more)
        put_whole(more - 1, '#'); // what has no place of its own stands in the first
      put_whole(--place, piece.digit);
      break;
    case Kind::decimal:
      if (decimal < digits.decimals.size() || piece.digit == '0')
        line += decimal < digits.decimals.size() ? digits.decimals[decimal] : '0';
      ++decimal;
      break;
    case Kind::point:
      if (whole == 0) line += digits.whole;
      line += '.';
      break;
    case Kind::words:
    case Kind::percent: line += piece.words; break;
    case Kind::general: line += fmt::format("{:.10g}", number); break; // in the width of a cell
    case Kind::text: break;
    }
  }
  return line;
}

NumberFormat::NumberFormat(std::string_view code) {
  if (code.size() <= most_code) sections_ = Parser(code).sections();
}

/// Null: none.  `with_sign`: whether the number still needs its own.
const NumberFormat::Section *NumberFormat::section_for(double number, bool &with_sign) const {
  with_sign = number < 0;
  if (std::ranges::any_of(sections_, [](const Section &one) { return one.condition.has_value(); })) {
    for (const Section &one : sections_)
      if (!one.condition || one.condition->holds(number)) return &one;
    return nullptr;
  }
  if (sections_.size() > 2 && number == 0) return &sections_[2];
  if (sections_.size() < 2 || number >= 0) return sections_.data();
  with_sign = false;
  return &sections_[1];
}

std::string NumberFormat::words(double number) const {
  bool with_sign = false;
  const Section *section = sections_.empty() ? nullptr : section_for(number, with_sign);
  if (!section || !std::isfinite(number) || std::abs(number) >= most_number) return {};
  const bool hides = section->whole + section->decimals + section->generals == 0 && number != 0;
  const bool is_general = section->generals > 0 && (section->pieces.size() == 1 || std::abs(number) >= most_general);
  if (hides || is_general || section->generals > 1 || section->decimals > most_decimals || section->percents > 1) return {};
  std::string line = section->shown(std::abs(number));
  if (with_sign && line.find_first_of("123456789") != std::string::npos) line.insert(line.begin(), '-');
  return line.find_first_not_of(' ') == std::string::npos ? std::string() : line;
}

/// The fourth section is of texts, or the one that has a place for them.
std::string NumberFormat::words_of_text(std::string_view text) const {
  const auto section = std::ranges::find_if(sections_, [](const Section &one) { return one.texts > 0; });
  if (section == sections_.end()) return {};
  std::string line;
  for (const Piece &piece : section->pieces)
    line += piece.kind == Kind::text ? text : std::string_view(piece.words);
  return line;
}

} // namespace sekisho::rebuild
