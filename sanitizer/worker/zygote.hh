// The process that has everything loaded and forks itself into workers.
#pragma once

#include "base/unique_fd.hh"
#include "sanitizer/client/request.hh"

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace sekisho::worker {

class Zygote {
public:
  explicit Zygote(int channel) : channel_(channel) {}
  /// Until the channel's other end is closed.  Returns the exit status.
  int run();

private:
  struct Child {
    pid_t process = -1;
    UniqueFd stream;            // our copy: hangs up when the client lets go
    std::uint64_t deadline = 0; // monotonic_ns, 0: none
    bool left = false;          // the client let go
  };

  void wait();
  bool take_request();
  void start_worker(client::Request request);
  void reap();
  void end_late_and_left();

  int channel_;
  bool channel_ready_ = false;
  std::vector<Child> children_;
};

} // namespace sekisho::worker
