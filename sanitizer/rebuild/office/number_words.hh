// A number as the format of its cell shows it (ISO/IEC 29500-1 §18.8.31).  Private to rebuild.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

/// A number as it is stored in 15 digits, which are all that a spreadsheet shows: files have 2.2000000000000002 for 2.2.
/// Whole numbers stay as they are written.
std::string in_shown_digits(std::string_view stored, double number);

class NumberFormat {
public:
  NumberFormat() = default;
  explicit NumberFormat(std::string_view code);

  /// "600-0001", "00042", "8.5%", "1,000円", "12名".  Empty where that is not known (dates, fractions, powers, "General",
  /// digits of other scripts), says nothing, or would hide the number.
  std::string words(double number) const;
  /// "山田様" by @"様".  Empty where it says nothing of texts, or would hide them.
  std::string words_of_text(std::string_view text) const;

private:
  class Parser;
  enum class Kind : std::uint8_t { words, whole, decimal, point, percent, general, text };
  struct Piece {
    Kind kind = Kind::words;
    char digit = 0; // '0', '#' or '?': what stands there where the number has none
    std::string words = {};
  };
  /// "<=999": what numbers a section is for.
  struct Condition {
    std::string sign;
    double number = 0;
    bool holds(double other) const;
  };
  struct Section {
    std::vector<Piece> pieces = {};
    std::optional<Condition> condition = {};
    bool grouped = false;
    std::size_t whole = 0, decimals = 0, points = 0, percents = 0, generals = 0, texts = 0;

    std::string shown(double number) const;
  };

  const Section *section_for(double number, bool &with_sign) const;

  std::vector<Section> sections_; // none: not known
};

} // namespace sekisho::rebuild
