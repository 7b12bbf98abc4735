// The greylist over restarts.  A disk that is full, or a power cut, leaves what was kept before.
#pragma once

#include "base/twin_files.hh"
#include "gateway/relay/greylist.hh"

#include <string>

namespace sekisho::relay {

class GreylistFile {
public:
  /// Two files, `path`.0 and `path`.1; where they cannot be opened that is logged, and nothing is kept.
  explicit GreylistFile(std::string path);

  void load(Greylist &list);
  /// When something has changed.
  void keep(Greylist &list);

private:
  const std::string path_;
  TwinFiles files_;
};

} // namespace sekisho::relay
