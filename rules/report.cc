#include "rules/report.hh"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace sekisho::rules {

Diagnostic &Reporter::error(Place place, std::string message, std::string requirement) {
  ++errors_;
  return add(Diagnostic::Level::error, place, std::move(message), std::move(requirement));
}

Diagnostic &Reporter::warning(Place place, std::string message, std::string requirement) {
  if (into_.size() >= max_diagnostics / 2) { // leave room for errors
    overflow_ = {};
    return overflow_;
  }
  return add(Diagnostic::Level::warning, place, std::move(message), std::move(requirement));
}

Diagnostic &Reporter::add(Diagnostic::Level level, Place place, std::string message,
                          std::string requirement) {
  if (full()) {
    // An error beyond the limit still counts: the last one kept says so, whatever its level was.
    if (errors_ > 0) {
      into_.back() = {};
      into_.back().message =
          fmt::format("more than {} findings; the rest is not shown", max_diagnostics - 1);
      into_.back().place = place;
    }
    overflow_ = {};
    return overflow_;
  }
  if (!requirement.empty()) message += fmt::format(" ({})", requirement);
  Diagnostic diagnostic;
  diagnostic.level = level;
  diagnostic.message = std::move(message);
  diagnostic.place = place;
  diagnostic.requirement = std::move(requirement);
  into_.push_back(std::move(diagnostic));
  return into_.back();
}

void Reporter::sort() {
  auto end = full() ? into_.end() - 1 : into_.end(); // "more than …" stays last
  std::stable_sort(into_.begin(), end, [](const Diagnostic &a, const Diagnostic &b) {
    auto key = [](const Diagnostic &diagnostic) {
      const Place &place = diagnostic.place;
      return std::tuple(place.file, place.line, place.first_column);
    };
    return key(a) < key(b);
  });
}

Place join(const Place &first, const Place &last) {
  Place place = first;
  if (first.file == last.file && first.line == last.line)
    place.last_column = std::max(first.last_column, last.last_column);
  return place;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known,
                         std::string otherwise) {
  std::string_view near = nearest(typed, known);
  return near.empty() ? std::move(otherwise) : fmt::format("did you mean '{}'?", near);
}

std::string either(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

} // namespace sekisho::rules
