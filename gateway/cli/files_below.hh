// What lies in a folder and below it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sekisho::cli {

struct FileBelow {
  std::string path;  // below the folder; "." is the folder itself
  std::string error; // a file or folder that cannot be looked at, and why; empty: a plain file
};

struct FilesBelow {
  std::vector<FileBelow> files; // sorted by path
  std::size_t links = 0;        // passed over, not followed
  std::size_t others = 0;       // passed over: FIFOs, sockets, devices
};

FilesBelow files_below(const std::string &folder);

} // namespace sekisho::cli
