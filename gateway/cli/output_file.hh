// Files a command writes.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"

#include <string>

namespace sekisho::cli {

/// The whole file or nothing: written beside, made durable, then renamed over `path`, or over what a link
/// there leads to.  A file that was there hands on its mode, and its owner where that may be.  What is not
/// a plain file (a terminal, /dev/stdout) is written to.
Result<void> write_file(const std::string &path, Bytes bytes);

} // namespace sekisho::cli
