// Invitations (iCalendar, RFC 5545) and business cards (vCard, RFC 6350 and 2426) as text that a person reads (H1).
#pragma once

#include "base/reason.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

/// How the line begins that says what the calendar wants, where it says so.
constexpr std::string_view calendar_headline = "予定: ";
/// All such lines that are ours in full, with their ends.
std::vector<std::string> calendar_headlines();

/// Of each event, task, note or answer about free time: what, when (with its time zone), where, who asks and who is
/// asked, and the description; first of all what the calendar wants (METHOD).  `utf8`: not cleaned, nor is the result.
/// Empty where nothing of it is there, or more than can be told.  `left_out` gets what of it is no text: files and
/// links, pictures, sounds, programs to start.  A description whose lines stand in `said` is not told again.  Linear in the
/// size of both.
std::string calendar_text(std::string_view utf8, std::vector<Reason> &left_out, std::string_view said = {});
/// Name, organisation, telephone, mail, address, note; in the same way.
std::string card_text(std::string_view utf8, std::vector<Reason> &left_out);

} // namespace sekisho::rebuild
