#include "gateway/relay/release.hh"

#include <fmt/format.h>

#include <optional>
#include <sstream>

namespace sekisho::relay {
namespace {

using job::KindClass;
using job::Treatment;

constexpr std::string_view original = "original";

template <class Enum> std::optional<Enum> from_word(std::string_view word, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (job::word_of(static_cast<Enum>(i)) == word) return static_cast<Enum>(i);
  return std::nullopt;
}

/// Those of which `belongs` holds: "strip, hold, text".
template <class Enum, class Belongs> std::string words_where(std::size_t count, Belongs belongs) {
  std::string words;
  for (std::size_t i = 0; i < count; ++i)
    if (belongs(static_cast<Enum>(i))) words += fmt::format("{}{}", words.empty() ? "" : ", ", job::word_of(static_cast<Enum>(i)));
  return words;
}

std::string offered(KindClass kind_class) {
  return words_where<Treatment>(job::treatment_count, [&](Treatment one) { return job::is_offered(kind_class, one); });
}

} // namespace

Result<Release> read_release(std::string_view words) {
  Release release;
  std::istringstream stream{std::string(words)};
  std::string first, second;
  while (stream >> first) {
    if (!(stream >> second)) return fail(fmt::format("'{}' without a treatment", first));
    if (first == original && release.plan.empty() && release.original_by.empty()) {
      release.original_by = second;
      continue;
    }
    const auto kind_class = from_word<KindClass>(first, job::kind_class_count);
    const auto treatment = from_word<Treatment>(second, job::treatment_count);
    if (!kind_class || !release.original_by.empty()) return fail(fmt::format("'{}' is no class of files; there are {}", first, words_where<KindClass>(job::kind_class_count, [](KindClass) { return true; })));
    if (!treatment || !job::is_offered(*kind_class, *treatment))
      return fail(fmt::format("no treatment '{}' for {}; there are {}", second, first, offered(*kind_class)));
    release.plan.emplace_back(*kind_class, *treatment);
  }
  return release;
}

std::string to_words(const Release &release) {
  if (!release.original_by.empty()) return fmt::format("{} {}", original, release.original_by);
  std::string words;
  for (const auto &[kind_class, treatment] : release.plan)
    words += fmt::format("{}{} {}", words.empty() ? "" : " ", job::word_of(kind_class), job::word_of(treatment));
  return words;
}

Release widest() {
  return {{{KindClass::pdf, Treatment::render},
           {KindClass::image, Treatment::render},
           {KindClass::office, Treatment::rebuild},
           {KindClass::archive, Treatment::unpack},
           {KindClass::text, Treatment::text},
           {KindClass::mail, Treatment::text},
           {KindClass::encrypted, Treatment::strip},
           {KindClass::any, Treatment::strip}},
          {}};
}

job::Plan widened(job::Plan plan, const Release &release) {
  for (const auto &[kind_class, treatment] : release.plan)
    if (kind_class == KindClass::any) plan.treatments.fill(treatment);
  for (const auto &[kind_class, treatment] : release.plan)
    plan.treatments[static_cast<std::size_t>(kind_class)] = treatment;
  return plan;
}

} // namespace sekisho::relay
