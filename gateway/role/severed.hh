// Which zones are cut off (Z6): a file that survives restarts and power cuts.
#pragma once

#include "base/result.hh"

#include <set>
#include <string>

namespace sekisho::role {

class Severed {
public:
  /// Reads the file; one that is not there means none.  Errors: it is there and cannot be read.
  static Result<Severed> open(std::string path);

  const std::set<std::string> &zones() const { return zones_; }
  bool has(const std::string &zone) const { return zones_.contains(zone); }
  /// Blank-separated, as the roles are told.
  std::string text() const;

  /// On disk before they return; on failure nothing has changed.
  Result<void> sever(const std::string &zone);
  Result<void> join(const std::string &zone);

private:
  Result<void> store(std::set<std::string> zones);

  std::string path_;
  std::set<std::string> zones_;
};

} // namespace sekisho::role
