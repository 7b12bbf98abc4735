// Workers started ahead: LibreOffice takes longer to start than most documents to open, and a
// worker opens one.  The first starts with the first document: who never sends one pays nothing.
#pragma once

#include "base/unique_fd.hh"
#include "sanitizer/client/request.hh"

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace sekisho::office {

struct NurserySettings {
  std::string installation; // LibreOffice's folder
  unsigned ahead = 1;       // workers that wait for a document, once there was one
  unsigned most = 4;        // workers in all
  unsigned at_once = 2;     // workers that start: more would only make all of them late
};

class Nursery {
public:
  Nursery(int channel, NurserySettings settings)
      : channel_(channel), settings_(std::move(settings)) {}
  /// Until the channel's other end is closed.  Returns the exit status.
  int run();

private:
  enum class State : std::uint8_t { starting, waiting, working };
  struct Child {
    pid_t process = -1; // between us and the worker; the worker ends with it
    UniqueFd channel;   // to the worker
    State state = State::starting;
    UniqueFd stream;            // working: hangs up when the client lets go
    std::uint64_t deadline = 0; // monotonic_ns; starting: to be ready, working: to be done
    bool over = false;
  };

  void wait();
  bool take_requests();
  void hear(Child &child);
  void hand_out();
  void start_ahead();
  void start_worker();
  void end_late_and_left();
  void reap();

  int channel_;
  NurserySettings settings_;
  bool channel_ready_ = false;
  bool asked_ = false;         // a document came
  bool worked_ = false;        // one has been ready
  unsigned failed_starts_ = 0; // in a row
  std::vector<Child> children_;
  std::vector<client::Request> requests_; // for which no worker was ready
};

/// Answers every request that there is no engine, until the channel's other end is closed.
int run_without_engine(int channel);

} // namespace sekisho::office
