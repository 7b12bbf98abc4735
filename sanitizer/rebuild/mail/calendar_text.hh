// Invitations (iCalendar, RFC 5545) and business cards (vCard, RFC 6350 and 2426) as text that a person reads (H1).
#pragma once

#include <string>
#include <string_view>

namespace sekisho::rebuild {

/// Of each event, task or note: what, when (with its time zone), where, who asks and who is asked, and the
/// description; first of all what the calendar wants (METHOD).  `utf8`: not cleaned, nor is the result.  Empty where
/// nothing of it is there.
std::string calendar_text(std::string_view utf8);
/// Name, organisation, telephone, mail, address, note; empty where there is no card.
std::string card_text(std::string_view utf8);

} // namespace sekisho::rebuild
