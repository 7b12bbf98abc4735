#include "rules/changes.hh"

#include "rules/format.hh"
#include "rules/parse.hh"
#include "sanitizer/job/digest.hh"

#include <fmt/format.h>

#include <string_view>
#include <unordered_map>

namespace sekisho::rules {
namespace {

std::string_view base_name(std::string_view path) {
  std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// How often each text is said.
std::unordered_map<std::string_view, std::size_t>
counted(const std::vector<SentenceText> &sentences) {
  std::unordered_map<std::string_view, std::size_t> counts;
  for (const SentenceText &sentence : sentences)
    ++counts[sentence.text];
  return counts;
}

/// Those of `sentences` that `others` does not say as often.
std::vector<SentenceText> beyond(const std::vector<SentenceText> &sentences,
                                 const std::vector<SentenceText> &others) {
  auto counts = counted(others);
  std::vector<SentenceText> found;
  for (const SentenceText &sentence : sentences) {
    auto left = counts.find(sentence.text);
    if (left != counts.end() && left->second > 0)
      --left->second;
    else
      found.push_back(sentence);
  }
  return found;
}

} // namespace

std::vector<SentenceText> sentence_texts(std::span<const SourceFile> sources) {
  std::vector<SentenceText> texts;
  std::vector<Diagnostic> ignored;
  Reporter reporter(ignored);
  for (std::uint32_t file = 0; file < sources.size(); ++file) {
    if (sources[file].is_note) continue;
    Texts kept;
    Tokens tokens(sources[file], file, Comments::dropped, kept, reporter);
    Sentences sentences;
    std::vector<Outline> one(1);
    parse(tokens, sentences, reporter, [&](Outline outline) {
      if (reporter.errors() > 0) return;
      std::uint32_t line = tokens[outline.first].place.line;
      one[0] = std::move(outline);
      std::string text = canonical_text(tokens, one, Comments::dropped);
      if (!text.empty() && text.back() == '\n') text.pop_back();
      texts.push_back({std::move(text), fmt::format("{}:{}", base_name(sources[file].name), line)});
      if (one[0].last > 0) tokens.forget_before(one[0].last - 1);
    });
    if (reporter.errors() > 0) return texts; // canonical text is for what was understood
  }
  return texts;
}

namespace {

/// Notes too, by their digest: other words are a change.
std::vector<SentenceText> all_texts(std::span<const SourceFile> sources) {
  std::vector<SentenceText> texts = sentence_texts(sources);
  for (const SourceFile &source : sources)
    if (source.is_note)
      texts.push_back({fmt::format("note \"{}\" SHA-256 {}", source.name,
                                   job::sha256_hex(as_bytes(source.text)).substr(0, 16)),
                       std::string(base_name(source.name))});
  return texts;
}

} // namespace

Changes changes(std::span<const SourceFile> former, std::span<const SourceFile> next) {
  std::vector<SentenceText> before = all_texts(former), after = all_texts(next);
  return {.added = beyond(after, before), .removed = beyond(before, after)};
}

} // namespace sekisho::rules
