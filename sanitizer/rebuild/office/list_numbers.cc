#include "sanitizer/rebuild/office/list_numbers.hh"

#include "base/text.hh"
#include "base/utf8.hh"
#include "sanitizer/rebuild/office/office_text.hh"

#include <algorithm>
#include <charconv>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_text = 64; // octets of a level's text: "第%1条"
constexpr unsigned most_number = 100'000;
constexpr unsigned most_parents = 16;

std::string roman(unsigned number) {
  struct Digit {
    unsigned value;
    const char *letters;
  };
  constexpr Digit digits[] = {{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"},
                              {90, "XC"},  {50, "L"},   {40, "XL"}, {10, "X"},   {9, "IX"},
                              {5, "V"},    {4, "IV"},   {1, "I"}};
  std::string text;
  for (const Digit &digit : digits)
    for (; number >= digit.value; number -= digit.value)
      text += digit.letters;
  return text;
}

std::string one(char32_t character) {
  std::string text;
  utf8_append(text, character);
  return text;
}

/// The nth of `all` (from 1); nothing behind the last.
std::string nth(std::u32string_view all, unsigned number) {
  return number == 0 || number > all.size() ? std::string() : one(all[number - 1]);
}

/// 1 to the `count`th of characters in a row.
std::string in_row(char32_t first, unsigned count, unsigned number) {
  return number == 0 || number > count ? std::string() : one(first + number - 1);
}

std::string each_digit(unsigned number, std::u32string_view digits) {
  std::string text;
  for (const char c : std::to_string(number))
    text += one(digits[static_cast<std::size_t>(c - '0')]);
  return text;
}

/// 二百三十一
std::string counted(unsigned number, std::u32string_view digits, std::u32string_view units) {
  if (number == 0 || number > 9999) return {};
  std::string text;
  unsigned value = 1000;
  for (std::size_t unit = 0; unit < 4; ++unit, value /= 10) {
    const unsigned digit = number / value % 10;
    if (digit == 0) continue;
    if (digit > 1 || value == 1) text += one(digits[digit]);
    if (value > 1) text += one(units[unit]);
  }
  return text;
}

std::string circled(unsigned number) {
  if (number <= 20) return in_row(U'①', 20, number);
  if (number <= 35) return one(U'㉑' + number - 21);
  return number <= 50 ? one(U'㊱' + number - 36) : std::string();
}

std::string known(std::string_view format, unsigned number) {
  constexpr std::u32string_view kanji = U"〇一二三四五六七八九", units = U"千百十";
  if (format == "upperRoman") return number < 4000 ? roman(number) : std::string();
  if (format == "lowerRoman") return number < 4000 ? lower_case(roman(number)) : std::string();
  if (format == "upperLetter" || format == "lowerLetter") { // Z is followed by AA, BB
    const std::size_t times = (number - 1) / 26 + 1;
    const char first = format == "upperLetter" ? 'A' : 'a';
    return times > 8 ? std::string()
                     : std::string(times, static_cast<char>(first + (number - 1) % 26));
  }
  if (format == "decimalZero") return number < 10 ? std::string{'0', static_cast<char>('0' + number)} : std::string();
  if (format == "decimalFullWidth" || format == "decimalFullWidth2")
    return each_digit(number, U"\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19");
  if (format == "decimalEnclosedCircle" || format == "decimalEnclosedCircleChinese")
    return circled(number);
  if (format == "decimalEnclosedParen") return in_row(U'⑴', 20, number);
  if (format == "decimalEnclosedFullstop") return in_row(U'⒈', 20, number);
  if (format == "aiueo" || format == "aiueoFullWidth")
    return nth(U"アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
               number);
  if (format == "iroha" || format == "irohaFullWidth")
    return nth(U"イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
               number);
  if (format == "japaneseCounting" || format == "chineseCounting" ||
      format == "chineseCountingThousand" || format == "taiwaneseCounting" ||
      format == "taiwaneseCountingThousand")
    return counted(number, kanji, units);
  if (format == "japaneseLegal") return counted(number, U"〇壱弐参四伍六七八九", U"阡百拾");
  if (format == "japaneseDigitalTenThousand" || format == "ideographDigital" ||
      format == "taiwaneseDigital")
    return each_digit(number, kanji);
  if (format == "ideographTraditional") return nth(U"甲乙丙丁戊己庚辛壬癸", number);
  if (format == "ideographZodiac") return nth(U"子丑寅卯辰巳午未申酉戌亥", number);
  if (format == "ideographEnclosedCircle") return in_row(U'㊀', 10, number);
  return {};
}

std::optional<unsigned> number_of(std::string_view digits, unsigned most) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && number <= most ? std::optional(number) : std::nullopt;
}

} // namespace

std::optional<unsigned> number_of_level(std::string_view digits) {
  return number_of(digits, 8);
}

std::string number_in(std::string_view format, unsigned number) {
  if (format == "none") return {};
  const std::string text = number == 0 ? std::string() : known(format, number);
  return text.empty() ? std::to_string(number) : text;
}

/// numbering.xml
class NumberingPart : public PartWords {
public:
  explicit NumberingPart(ListNumbers &numbers) : numbers_(numbers) {}

private:
  bool start(std::string_view name) override {
    const std::string says = value("w:val");
    if (name == "w:abstractNum") scheme_ = &numbers_.schemes_[value("w:abstractNumId")];
    if (name == "w:num") list_ = &numbers_.lists_[value("w:numId")];
    if (name == "w:abstractNumId" && list_) list_->scheme = says;
    if (name == "w:lvlOverride" || name == "w:lvl") {
      at_ = number_of_level(value("w:ilvl"));
      if (!at_) return false;
    }
    if (name == "w:startOverride" && list_ && at_) list_->starts[*at_] = number_of(says, most_number);
    if (name == "w:pPr" || name == "w:rPr") return false;
    if (!scheme_ || !at_ || list_) return true;
    ListNumbers::Level &level = scheme_->levels[*at_];
    if (name == "w:start") level.start = number_of(says, most_number).value_or(1);
    if (name == "w:numFmt") level.format = says;
    if (name == "w:lvlText") level.text = says.size() <= most_text ? says : std::string();
    if (name == "w:pStyle") level.style = says;
    if (name == "w:isLgl") level.legal = says.empty() || ooxml::is_true(says);
    return true;
  }
  void end(std::string_view name) override {
    if (name == "w:abstractNum") scheme_ = nullptr;
    if (name == "w:num") list_ = nullptr;
    if (name == "w:lvl" || name == "w:lvlOverride") at_.reset();
  }
  void text(std::string_view) override {}

  ListNumbers &numbers_;
  ListNumbers::Scheme *scheme_ = nullptr;
  ListNumbers::List *list_ = nullptr;
  std::optional<unsigned> at_;
};

/// styles.xml
class StylesPart : public PartWords {
public:
  explicit StylesPart(ListNumbers &numbers) : numbers_(numbers) {}

private:
  bool start(std::string_view name) override {
    if (name == "w:style")
      style_ = value("w:type") == "paragraph" ? &numbers_.styles_[value("w:styleId")] : nullptr;
    if (name == "w:rPr" || name == "w:tblPr" || name == "w:pPrChange") return false;
    if (!style_) return true;
    if (name == "w:basedOn") style_->parent = value("w:val");
    if (name == "w:numId") style_->place.list = value("w:val");
    if (name == "w:ilvl") style_->place.level = number_of_level(value("w:val"));
    return true;
  }
  void end(std::string_view) override {}
  void text(std::string_view) override {}

  ListNumbers &numbers_;
  ListNumbers::Style *style_ = nullptr;
};

void ListNumbers::read(std::string_view numbering, std::string_view styles) {
  if (!numbering.empty()) (void)NumberingPart(*this).read(numbering);
  if (!styles.empty()) (void)StylesPart(*this).read(styles);
}

/// The nearest of it and those it is based on that names a list; the level that names the style.
ListPlace ListNumbers::of_style(const std::string &style) const {
  std::string name = style;
  for (unsigned steps = 0; steps < most_parents; ++steps) {
    const auto found = styles_.find(name);
    if (found == styles_.end()) return {};
    if (found->second.place.list.empty()) {
      name = found->second.parent;
      continue;
    }
    ListPlace place = found->second.place;
    const auto list = lists_.find(place.list);
    const auto scheme = list == lists_.end() ? schemes_.end() : schemes_.find(list->second.scheme);
    if (scheme == schemes_.end()) return place;
    for (unsigned level = 0; level < most_levels; ++level)
      if (scheme->second.levels[level].style == style) place.level = level;
    return place;
  }
  return {};
}

std::string ListNumbers::next(const std::string &style, ListPlace place) {
  if (place.list.empty()) {
    const std::optional<unsigned> level = place.level;
    place = of_style(style);
    if (level) place.level = level;
  }
  const auto list = lists_.find(place.list);
  if (list == lists_.end()) return {}; // "0" too: none
  const auto found = schemes_.find(list->second.scheme);
  const unsigned level = place.level.value_or(0);
  if (found == schemes_.end() || level >= most_levels) return {};
  Scheme &scheme = found->second;
  if (!list->second.used) { // another list of the scheme goes on counting, unless it says otherwise
    for (unsigned at = 0; at < most_levels; ++at)
      if (list->second.starts[at]) scheme.counts[at].reset();
    list->second.used = true;
  }
  const auto start_of = [&](unsigned at) {
    return list->second.starts[at].value_or(scheme.levels[at].start);
  };
  scheme.counts[level] = scheme.counts[level] ? std::min(*scheme.counts[level] + 1, most_number)
                                              : start_of(level);
  for (unsigned deeper = level + 1; deeper < most_levels; ++deeper)
    scheme.counts[deeper].reset();

  const Level &how = scheme.levels[level];
  if (how.format == "bullet") return "・";
  std::string text;
  for (std::size_t at = 0; at < how.text.size(); ++at) {
    const char digit = how.text[at] == '%' && at + 1 < how.text.size() ? how.text[at + 1] : '\0';
    if (digit < '1' || digit > '9') {
      text += how.text[at];
      continue;
    }
    const auto other = static_cast<unsigned>(digit - '1');
    ++at;
    if (other > level) continue;
    text += number_in(how.legal && other != level ? "decimal" : scheme.levels[other].format,
                      scheme.counts[other].value_or(start_of(other)));
  }
  return text;
}

} // namespace sekisho::rebuild
