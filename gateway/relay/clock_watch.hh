// Jumps of the clock are told as an alarm, and are no part of how long something was held or waits (L8).
#pragma once

#include "base/twin_files.hh"
#include "gateway/relay/ages.hh"
#include "gateway/relay/recorder.hh"

#include <memory>
#include <string>

namespace sekisho::relay {

class ClockWatch {
public:
  /// What is known of the clock is kept in `folder`.  Errors: the files cannot be opened.
  static Result<std::unique_ptr<ClockWatch>> open(net::io_context &loop, Recorder &recorder, const std::string &folder);

  Task<void> watch();
  /// The process ends now: from here on nobody runs.
  void end() { keep(look()); }
  /// Seconds.
  UnixSeconds age(UnixSeconds then);
  std::vector<Ages::Span> older_than(UnixSeconds age);
  /// Within the last day; nothing: it did not.
  std::optional<Ages::Jump> jumped() const;

private:
  ClockWatch(net::io_context &loop, Recorder &recorder, TwinFiles files);
  UnixSeconds look();
  void keep(UnixSeconds now);

  Recorder &recorder_;
  net::steady_timer timer_;
  TwinFiles files_;
  Ages ages_;
  std::optional<Ages::Jump> jump_;
  SteadyClock::time_point noticed_{}, next_keep_{};
};

} // namespace sekisho::relay
