// The story of one mail in plain words, from its events.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace sekisho::cli {

/// `events`: an array of record lines, oldest first (gateway/record/event.hh).  Unknown events and members
/// are told by their names; nothing is assumed about what is missing.  Safe for a terminal.
std::string tell_story(const std::string &receipt, const nlohmann::ordered_json &events);

/// What was found in a mail and what became of it, from a job::to_json report.
std::string tell_report(const nlohmann::ordered_json &report);

/// What each recipient was told, a line each: members "recipient", "reason", "next_hop", "answer".  `reason`: is not said again.
std::string tell_answers(const nlohmann::ordered_json &answers, const std::string &reason);

/// "not-listed: no rule lists this flow / 許可規則なし"; the word alone when it is no Reason.
std::string reason_sentence(std::string_view word);

} // namespace sekisho::cli
