// Files a command writes.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"

#include <string>

namespace sekisho::cli {

/// The whole file or nothing: written beside, made durable, then renamed over `path`; a link there is replaced,
/// so that nobody else's link leads anywhere.  A signal that ends the program (INT, TERM, HUP) leaves nothing beside
/// it.  What is not a plain file (a terminal, /dev/stdout) is written to.
Result<void> write_file(const std::string &path, Bytes bytes);

/// The same of a file that is there and is changed in place: behind links, owner and mode stay.
Result<void> rewrite_file(const std::string &path, Bytes bytes);

} // namespace sekisho::cli
