// Something kept over restarts: two files written in turn, so that one is always whole.  The later one that is not
// damaged counts.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"
#include "base/unique_fd.hh"

#include <string>

namespace sekisho {

class TwinFiles {
public:
  static constexpr std::size_t max_content = 64u << 20; // octets

  /// Borrowed; -1: none, then nothing is kept.
  TwinFiles(int first, int second) : fds_{first, second} {}
  /// Its own, `path`.0 and `path`.1, made where they are not there.  Errors: they cannot be opened.
  static Result<TwinFiles> open(const std::string &path);

  /// What was saved last; empty where nothing was.  Errors: there is something, and neither can be read.
  Result<Buffer> load();
  /// On disk before it returns.
  Result<void> save(Bytes content);

private:
  UniqueFd owned_[2];
  int fds_[2];
  std::uint64_t sequence_ = 0; // of the last one written or read
};

} // namespace sekisho
