// Something kept over restarts: two files written in turn, so that one is always whole.  The later one that is not
// damaged counts.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"

namespace sekisho {

class TwinFiles {
public:
  static constexpr std::size_t max_content = 64u << 20; // octets

  /// Borrowed; -1: none, then nothing is kept.
  TwinFiles(int first, int second) : fds_{first, second} {}

  /// What was saved last; empty where nothing was.  Errors: there is something, and neither can be read.
  Result<Buffer> load();
  /// On disk before it returns.
  Result<void> save(Bytes content);

private:
  int fds_[2];
  std::uint64_t sequence_ = 0; // of the last one written or read
};

} // namespace sekisho
