// How often each rule let something through, and when last: over reloads and restarts.  A rule is known by its
// text: one that moved in its file, or came back, goes on where it was.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"
#include "gateway/path/policy.hh"
#include "rules/changes.hh"

#include <unordered_map>

namespace sekisho::path {

/// What names a rule's counters: a digest of its text and how many of the same text stand before it.
using RuleName = std::uint64_t;

class HitBook {
public:
  static constexpr std::size_t most_kept = 1u << 18; // counters of rules that are no longer there

  /// The rules in force from now on, and their text.  The former ones are counted on until no flow of theirs
  /// is left.
  void adopt(std::shared_ptr<const Policy> policy, const std::vector<rules::SentenceText> &texts);
  /// Over all time.  Of the rules in force.
  RuleTotal total(rules::RuleId rule) const;

  /// Everything, to be kept (TwinFiles).
  Buffer encode();
  /// What encode() wrote; before the first adopt().  Errors: it is not that, or damaged; then nothing is taken.
  Result<void> decode(Bytes untrusted);

private:
  struct Present {
    std::shared_ptr<const Policy> policy;
    std::vector<RuleName> names; // by RuleId
  };
  struct Former {
    Present rules;
    std::vector<RuleTotal> added; // what is in `base_` already
  };
  void add(const Present &rules, std::vector<RuleTotal> &added);
  void settle();

  Present present_;
  std::vector<Former> former_;
  std::unordered_map<RuleName, RuleTotal> base_; // of the past
};

} // namespace sekisho::path
