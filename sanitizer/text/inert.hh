// Text that stays text, whatever opens it later: a browser that guesses, a file renamed to .html.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::text {

/// Puts a space behind each '<' that would begin an active element, a declaration or a processing
/// instruction ("<script", "</iframe", "<!DOCTYPE", "<?xml"), and before the colon of a script URL
/// ("javascript:").  So is the '<' that a text begins with where it would make the whole a document of XML with names of
/// its own (flat OpenDocument, SpreadsheetML) or a table.  Everything else, "a < b" and "<form@example.com>" included, stays.
/// `found` is set where something was changed, but for the declaration of XML: as the first thing in a text it makes the
/// text XML for who guesses, and is changed; elsewhere it stays.
std::string inert(std::string_view text, bool &found);

} // namespace sekisho::text
