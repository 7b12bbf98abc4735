#include "sanitizer/text/html_marks.hh"

#include "base/utf8.hh"

#include <algorithm>
#include <utility>

namespace sekisho::text {
namespace {

constexpr std::u32string_view katakana = U"アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン";
constexpr std::u32string_view katakana_iroha = U"イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセス";
constexpr std::u32string_view latin = U"abcdefghijklmnopqrstuvwxyz", greek = U"αβγδεζηθικλμνξοπρστυφχψω";
constexpr std::u32string_view digits = U"〇一二三四五六七八九";
constexpr char32_t to_hiragana = U'ア' - U'あ', to_upper = 'a' - 'A';

/// §3.1.5; `less`: off each sign.
std::string alphabetic(std::u32string_view signs, int number, char32_t less = 0) {
  std::u32string written;
  const auto count = static_cast<int>(signs.size());
  for (int rest = number; rest > 0; rest = (rest - 1) / count)
    written.insert(written.begin(), signs[static_cast<std::size_t>((rest - 1) % count)] - less);
  std::string text;
  for (const char32_t sign : written)
    utf8_append(text, sign);
  return text;
}

std::string roman(int number) {
  std::string written;
  constexpr std::pair<int, std::string_view> signs[] = {
      {1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
      {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};
  if (number >= 4000) return written;
  for (const auto &[value, sign] : signs)
    for (; number >= value; number -= value)
      written += sign;
  return written;
}

std::string kanji_digits(int number) {
  std::string written;
  for (const char digit : std::to_string(number))
    utf8_append(written, digits[static_cast<std::size_t>(digit - '0')]);
  return written;
}

/// §6.3: japanese-informal.
std::string kanji(int number) {
  std::string written;
  if (number >= 10'000) return kanji_digits(number);
  for (const auto &[value, sign] : {std::pair{1000, U'千'}, {100, U'百'}, {10, U'十'}, {1, U'\0'}}) {
    const int digit = number / value;
    number %= value;
    if (digit > 1 || (digit == 1 && value == 1)) utf8_append(written, digits[static_cast<std::size_t>(digit)]);
    if (digit > 0 && sign != 0) utf8_append(written, sign);
  }
  return written;
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(c - 32); });
  return text;
}

/// Empty where the style has no such number.
std::string written_as(Marks marks, int number) {
  if (number <= 0) return {};
  switch (marks) {
  case Marks::leading_zero: return number < 10 ? std::string("0").append(std::to_string(number)) : std::string();
  case Marks::lower_alpha: return alphabetic(latin, number);
  case Marks::upper_alpha: return alphabetic(latin, number, to_upper);
  case Marks::lower_roman: return roman(number);
  case Marks::upper_roman: return upper(roman(number));
  case Marks::lower_greek: return alphabetic(greek, number);
  case Marks::katakana: return alphabetic(katakana, number);
  case Marks::hiragana: return alphabetic(katakana, number, to_hiragana);
  case Marks::katakana_iroha: return alphabetic(katakana_iroha, number);
  case Marks::hiragana_iroha: return alphabetic(katakana_iroha, number, to_hiragana);
  case Marks::kanji: return kanji(number);
  case Marks::kanji_digits: return kanji_digits(number);
  default: return {};
  }
}

} // namespace

Marks marks_named(std::string_view word) {
  constexpr std::pair<std::string_view, Marks> rows[] = {
      {"none", Marks::none},
      {"disc", Marks::bullet},
      {"circle", Marks::bullet},
      {"square", Marks::bullet},
      {"decimal", Marks::decimal},
      {"decimal-leading-zero", Marks::leading_zero},
      {"lower-alpha", Marks::lower_alpha},
      {"lower-latin", Marks::lower_alpha},
      {"upper-alpha", Marks::upper_alpha},
      {"upper-latin", Marks::upper_alpha},
      {"lower-roman", Marks::lower_roman},
      {"upper-roman", Marks::upper_roman},
      {"lower-greek", Marks::lower_greek},
      {"katakana", Marks::katakana},
      {"hiragana", Marks::hiragana},
      {"katakana-iroha", Marks::katakana_iroha},
      {"hiragana-iroha", Marks::hiragana_iroha},
      {"cjk-ideographic", Marks::kanji},
      {"japanese-informal", Marks::kanji},
      {"trad-chinese-informal", Marks::kanji},
      {"simp-chinese-informal", Marks::kanji},
      {"cjk-decimal", Marks::kanji_digits},
  };
  if (word.starts_with('"') || word.starts_with('\'') || word.starts_with("symbols(")) return Marks::written;
  const auto *row = std::ranges::find(rows, word, &std::pair<std::string_view, Marks>::first);
  return row == std::end(rows) ? Marks::usual : row->second;
}

Marks marks_of_type(std::string_view type) {
  if (type == "a") return Marks::lower_alpha;
  if (type == "A") return Marks::upper_alpha;
  if (type == "i") return Marks::lower_roman;
  return type == "I" ? Marks::upper_roman : Marks::decimal;
}

std::string list_mark(Marks marks, int number) {
  if (marks == Marks::none) return {};
  if (marks == Marks::bullet || marks == Marks::written) return "- ";
  std::string written = written_as(marks, number);
  const bool is_japanese = marks >= Marks::katakana && !written.empty();
  if (written.empty()) written = std::to_string(number);
  return written + (is_japanese ? "、" : ". ");
}

} // namespace sekisho::text
