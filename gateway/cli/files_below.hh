// What lies in a folder and below it.
#pragma once

#include <string>
#include <vector>

namespace sekisho::cli {

struct FileBelow {
  std::string path;  // below the folder; "." is the folder itself
  std::string error; // a file or folder that cannot be looked at, and why; empty: a plain file
};

/// Sorted by path.  Links are not followed.
std::vector<FileBelow> files_below(const std::string &folder);

} // namespace sekisho::cli
