// What a report says is not in the harmless form as it was in the original.
#pragma once

#include "sanitizer/job/job.hh"

namespace sekisho::job {

/// It is gone; not so where the same text is there in another form.
bool is_taken(const PartReport &part);
/// A file that is there was made anew.
bool is_made_anew(const PartReport &part);
/// What of a text in the body is gone; none: nothing, or the part is something else.
Reason missing_in_body(const PartReport &part);
/// Why a reader may want the original: where this says something the note invites to ask for it, and it is kept (H2, L4).
/// None: all of it that its sender wrote and a person may read is in the harmless form.
Reason what_is_missing(const Report &report);

} // namespace sekisho::job
