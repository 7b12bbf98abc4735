// How far long work is, on a terminal; elsewhere nothing.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>

namespace sekisho::cli {

/// One line on standard error, written over in place at most ten times a second.  Any thread.
class Progress {
public:
  explicit Progress(std::size_t total);
  ~Progress(); // the line is gone
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// One more is done; `note`: a few words behind the bar.
  void step(const std::string &note);

private:
  void draw(const std::string &note);

  const std::size_t total_;
  const bool is_shown_;
  const double began_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  double drawn_ = 0;
};

} // namespace sekisho::cli
