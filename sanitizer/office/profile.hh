// LibreOffice's settings, written anew for each worker: no macro, no Java, nothing fetched,
// Japanese habits.
#pragma once

#include "base/result.hh"

#include <string>
#include <utility>
#include <vector>

namespace sekisho::office {

/// Writes the profile into the (empty, own) folder.  `installation`: LibreOffice's.
Result<void> write_profile(const std::string &folder, const std::string &installation);
/// Paths and contents of window descriptions that Debian's packages without a user interface leave
/// out, and without which LibreOfficeKit opens no spreadsheet and no document with comments.
/// `installation`: LibreOffice's folder.
std::vector<std::pair<std::string, std::string>>
window_descriptions(const std::string &installation);
/// The environment of a worker; before any thread.  `scratch`: the folder it may write to.
void set_environment(const std::string &scratch);

} // namespace sekisho::office
