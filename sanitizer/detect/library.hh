// libmagic as a second opinion: it knows many formats that our own scan does not, and none of ours
// better. Loaded once in the zygote, where there still is a file system; asked in the file worker.
#pragma once

#include "sanitizer/job/job.hh"

namespace sekisho::detect {

/// False when libmagic or its database is not there: there is no second opinion then.
bool load_library();
/// Whether libmagic sees something of another class than `kind`.  False without the library.
bool library_disagrees(job::Kind kind, Bytes bytes);

} // namespace sekisho::detect
