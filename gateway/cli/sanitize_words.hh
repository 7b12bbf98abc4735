// What `sekisho sanitize` says to a person.
#pragma once

#include "sanitizer/job/job.hh"

#include <string>

namespace sekisho::cli {

/// "macro: an Office file with a macro / マクロ付きOfficeファイル".
std::string words_of(Reason reason);
/// In the language the person reads: "a PDF document", 「PDF文書」.
std::string_view kind_in_words(job::Kind kind);

/// Status, and a line for each part and reason.  `output`: where the result went.
std::string outcome_lines(const std::string &input, const std::string &output, const job::Outcome &outcome);
/// The same as sentences: what each part is and claims to be, what was found in it, what was done.
std::string outcome_story(const std::string &input, const job::Outcome &outcome);

} // namespace sekisho::cli
