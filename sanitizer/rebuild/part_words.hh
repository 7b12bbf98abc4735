// What is said of a part: why it goes, and what it is called when it stays.
#pragma once

#include "sanitizer/job/job.hh"

#include <string>

namespace sekisho::rebuild {

constexpr std::size_t most_name = 1000; // octets of a name in a report

/// Why a part of this kind is taken out, where nothing else is said.
Reason strip_reason(job::Kind kind);
/// The own name of a document of which nothing harmless can be made yet; Reason::none for all others.
Reason reason_for_person(job::Kind kind);
/// Why a whole mail or archive waits, when a file in it is held for `reason`.
Reason held_reason(Reason reason);
/// The same reason as that of the file, which is a part.
Reason held_part(Reason reason);
/// The reason of a file's whole outcome, as the reason of its part.
Reason part_reason(Reason outcome_reason);
/// `name`: cleaned, may be empty.  A picture's or document's ending is what it has become; text
/// keeps the old ending before its own, because it says what the text was.  `output`: what the name is for.
std::string output_name(const std::string &name, job::Kind kind, const std::string &path,
                        Bytes output);

} // namespace sekisho::rebuild
