#include "gateway/relay/throttle.hh"

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

// Longer than mails take that nothing keeps back, shorter than a peer notices.
constexpr std::chrono::milliseconds shortest = 50ms, longest = 1s;

} // namespace

void Throttle::end() {
  --working_;
  if (line_.empty()) return;
  if (working_ > 2 * unhurried_ && (skips_ = !skips_)) return; // a queue that became long becomes short again
  line_.front()->cancel();
  line_.pop_front();
}

Task<void> Throttle::wait() {
  if (working_ <= unhurried_ && line_.empty()) co_return;
  const std::chrono::milliseconds over(working_ - std::min(working_, unhurried_));
  auto turn = std::make_shared<net::steady_timer>(loop_, std::clamp(over, shortest, longest));
  line_.push_back(turn);
  co_await turn->async_wait(as_result);
  std::erase(line_, turn); // it was nobody's turn meanwhile
}

} // namespace sekisho::relay
