// What can pass between two places, answered from the compiled policy (Z9).
#pragma once

#include "rules/ruleset.hh"

namespace sekisho::rules {

struct Proof {
  bool understood = false;
  bool passes = false; // something can pass, now or later
  std::string text;    // the answer, or what could not be understood with a caret
};

/// `question`: "internet -> mynumber"; a side is a zone, a host, a network, an address or
/// `gateway`. The answer lists every sentence that lets a flow be opened from the one to the other,
/// now or at some later time, and shows for each a packet that decide() was asked about.
Proof prove(const RuleSet &rules, std::string_view question, UnixSeconds now);

} // namespace sekisho::rules
