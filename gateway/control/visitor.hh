// One connection to the local socket: who it is, its question, its answer.  The other end is hostile: it may
// say nothing, too much, or never read.
#pragma once

#include "base/unique_fd.hh"
#include "gateway/control/protocol.hh"

#include <sys/types.h>

#include <cstdint>

namespace sekisho::control {

/// As the kernel tells it (SO_PEERCRED), not as it says.
struct Who {
  uid_t uid = 0;
  pid_t pid = 0;
  std::string user; // as the supervisor knows the number; empty: not asked, or nobody has it
};
Json to_json(const Who &who);

class Visitor {
public:
  enum class Phase { asking, waiting, reading, gone };

  Visitor(std::uint64_t number, UniqueFd fd, Who who, std::uint64_t now_ns);

  std::uint64_t number() const { return number_; }
  int fd() const { return fd_.get(); }
  const Who &who() const { return who_; }
  Phase phase() const { return phase_; }
  short wanted_events() const;

  /// In phase asking, when there is something to read: the question, or nothing when it was refused (the
  /// refusal is on its way) or the visitor left.  `rules`: what came along with `apply`.
  std::optional<Question> take_question(std::uint64_t now_ns, UniqueFd &rules);
  /// Ends phase waiting.
  void answer(std::string text, std::uint64_t now_ns);
  /// In phase reading: sends as much as is taken.
  void push();
  /// Leaves when its time is over.
  void look_at_clock(std::uint64_t now_ns);
  /// In phase waiting the other end may hang up.
  void look_for_hangup();

private:
  void go_on(Phase phase, std::uint64_t now_ns);

  std::uint64_t number_;
  UniqueFd fd_;
  Who who_;
  Phase phase_ = Phase::asking;
  std::uint64_t deadline_ = 0;
  std::string answer_;
  std::size_t sent_ = 0;
};

} // namespace sekisho::control
