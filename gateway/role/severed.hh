// Which zones are cut off (Z6): a file that survives restarts and power cuts.
#pragma once

#include "base/result.hh"

#include <set>
#include <string>
#include <vector>

namespace sekisho::role {

class Severed {
public:
  /// Reads the file; one that is not there means none.  Errors: it is there and cannot be read.
  static Result<Severed> open(std::string path);

  const std::set<std::string> &zones() const { return zones_; }
  bool has(const std::string &zone) const { return zones_.contains(zone); }
  /// Blank-separated, as the roles are told.
  std::string text() const;

  /// Cut off from now on; after a restart too once keep() has succeeded.
  void sever(const std::string &zone);
  /// Writes what the file does not say yet.
  Result<void> keep();
  /// Whether the file may say less than zones().
  bool is_owed() const { return is_owed_; }
  bool is_kept(const std::string &zone) const { return kept_.contains(zone); }
  /// Of zones(), those that the file does not name.
  std::vector<std::string> not_kept() const;

  /// On disk before it returns; on failure the zone stays cut off.
  Result<void> join(const std::string &zone);

private:
  Result<void> store(const std::set<std::string> &zones);

  std::string path_;
  std::set<std::string> zones_, kept_;
  bool is_owed_ = false;
};

} // namespace sekisho::role
