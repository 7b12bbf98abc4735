// What the reader is told, at the foot of the mail (H2).
#pragma once

#include "sanitizer/job/job.hh"

#include <string>

namespace sekisho::rebuild {

/// One line to stand before the body when something is missing from the mail; empty otherwise.
std::string note_heading(const job::Report &report);
/// What was taken, what was changed, how to ask for it; empty when nothing that matters happened.
std::string note(const job::Report &report);

/// A line of the body that could pass for ours is marked as quoted.
std::string without_forged_notes(std::string body);

} // namespace sekisho::rebuild
