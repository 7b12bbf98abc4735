// Two policies side by side, sentence by sentence: what an administrator is shown before and after
// a change.
#pragma once

#include "rules/diagnostic.hh"

#include <string>
#include <vector>

namespace sekisho::rules {

/// One sentence of a policy.
struct SentenceText {
  std::string text;  // canonical, without comments, no line feed at its end
  std::string label; // "three-zones.rules:14", as RuleSet::labels()
};

/// The sentences of all files, in their order.  Only for sources that compile.
std::vector<SentenceText> sentence_texts(std::span<const SourceFile> sources);

/// Sentences by their text: one that only moved, or was laid out otherwise, is no change.
struct Changes {
  std::vector<SentenceText> added, removed; // in the order of their files
  bool any() const { return !added.empty() || !removed.empty(); }
};
Changes changes(std::span<const SourceFile> former, std::span<const SourceFile> next);

} // namespace sekisho::rules
