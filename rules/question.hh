// The question of `sekisho explain` as values.
#pragma once

#include "base/result.hh"
#include "rules/ruleset.hh"

namespace sekisho::rules {

struct PacketQuestion {
  PacketSubject subject;
  bool mac_assumed = false; // not said; the listed one is taken
};

struct MailQuestion {
  ZoneId from = no_zone;
  std::string sender; // may be empty
  std::string recipient;
};

using Question = std::variant<PacketQuestion, MailQuestion>;

constexpr std::size_t max_question = 1000; // octets

/// The error is the text to show: what could not be understood, the question, a caret under the
/// place.
Result<Question> read_question(const RuleSet &rules, std::string_view question);

} // namespace sekisho::rules
