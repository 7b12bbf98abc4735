// Where the passes put what they find.
#pragma once

#include "rules/diagnostic.hh"
#include "rules/text.hh"

namespace sekisho::rules {

/// Collects diagnostics, at most `max_diagnostics`: hostile text must not fill memory with
/// complaints.
class Reporter {
public:
  static constexpr std::size_t max_diagnostics = 100;
  explicit Reporter(std::vector<Diagnostic> &into) : into_(into) {}

  /// The reference is good until the next call; fill in help and related places through it.
  Diagnostic &error(Place place, std::string message, std::string requirement = {});
  Diagnostic &warning(Place place, std::string message, std::string requirement = {});
  /// The diagnostic reported last.
  Diagnostic &last() { return into_.empty() || full() ? overflow_ : into_.back(); }
  std::size_t errors() const { return errors_; }
  /// In the order of the text, whichever pass found them.
  void sort();
  bool full() const { return into_.size() >= max_diagnostics; }

private:
  Diagnostic &add(Diagnostic::Level level, Place place, std::string message,
                  std::string requirement);

  std::vector<Diagnostic> &into_;
  Diagnostic overflow_; // what is written beyond the limit goes here
  std::size_t errors_ = 0;
};

/// From the first to the last of two places; the first line's part when they are on different
/// lines.
Place join(const Place &first, const Place &last);

/// "did you mean 'lgwan'?", or `otherwise`.
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string otherwise = {});

/// "a, b or c"
std::string either(std::span<const std::string_view> words);

} // namespace sekisho::rules
