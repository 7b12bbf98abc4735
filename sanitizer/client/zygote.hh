// The gateway's end of the channel to a zygote or nursery; private to client.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "sanitizer/client/stream.hh"

#include <sys/types.h>

#include <string>

namespace sekisho::client {

class Zygote {
public:
  /// One of our own, started now.
  static Result<Zygote> start(const std::string &program);
  /// The supervisor's; borrowed.
  static Zygote over(int channel);

  Zygote(Zygote &&other) noexcept;
  Zygote &operator=(Zygote &&) = delete;
  ~Zygote();

  /// A worker that said it is there.  A request that nobody takes within some seconds (a zygote
  /// just being restarted) is made once more.
  /// `worker_ms`: after which the zygote ends the worker in any case, 0: never.
  Result<Stream, Trouble> ask(protocol::Worker kind, std::uint32_t worker_ms,
                              std::uint64_t deadline);
  /// The same without a second try: waits until `until`.  Several threads may.
  Result<Stream, Trouble> ask_once(protocol::Worker kind, std::uint32_t worker_ms, std::uint64_t until) const;

private:
  Zygote() = default;
  Result<void> launch();
  void end();

  std::string program_; // empty: not ours
  UniqueFd own_channel_;
  int channel_ = -1;
  pid_t process_ = -1;
};

} // namespace sekisho::client
