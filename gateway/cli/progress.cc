#include "gateway/cli/progress.hh"

#include "base/clock.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace sekisho::cli {
namespace {

double seconds_now() { return static_cast<double>(monotonic_ns()) / 1e9; }

} // namespace

Progress::Progress(std::size_t total)
    : total_(total), is_shown_(::isatty(STDERR_FILENO) == 1), began_(seconds_now()) {
  if (is_shown_) draw("");
}

Progress::~Progress() {
  if (is_shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::step(const std::string &note) {
  std::lock_guard lock(mutex_);
  ++done_;
  constexpr double pause = 0.1;
  if (!is_shown_ || seconds_now() - drawn_ < pause) return;
  draw(note);
}

void Progress::draw(const std::string &note) {
  drawn_ = seconds_now();
  constexpr std::size_t width = 30;
  const std::size_t full = total_ == 0 ? width : width * done_ / total_;
  std::string left;
  if (done_ > 0 && done_ < total_)
    left = fmt::format(", {:.0f} s left",
                       (drawn_ - began_) / static_cast<double>(done_) * static_cast<double>(total_ - done_));
  fmt::print(stderr, "\r[{:=<{}}{: <{}}] {}/{}{} {}\033[K", "", full, "", width - full, done_, total_, left, note);
  std::fflush(stderr);
}

} // namespace sekisho::cli
