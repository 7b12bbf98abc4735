// How many mails are worked on, and the peers whose 250 waits because it is many: whoever came first is told first, one for each
// mail that goes, or for two of them where it is twice as many.  What rests for a later try is not worked on.
#pragma once

#include "gateway/relay/net.hh"

#include <deque>
#include <memory>

namespace sekisho::relay {

class Throttle {
public:
  /// `unhurried`: so many may be worked on before anybody waits.
  Throttle(net::io_context &loop, std::size_t unhurried) : loop_(loop), unhurried_(unhurried) {}

  void begin() { ++working_; }
  void end();
  std::size_t working() const { return working_; }
  std::size_t in_line() const { return line_.size(); }

  /// Until it is this peer's turn; where nothing moves, a second at most.
  Task<void> wait();

private:
  net::io_context &loop_;
  const std::size_t unhurried_;
  std::size_t working_ = 0;
  bool skips_ = false;
  std::deque<std::shared_ptr<net::steady_timer>> line_;
};

} // namespace sekisho::relay
