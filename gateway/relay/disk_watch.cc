#include "gateway/relay/disk_watch.hh"

#include "base/log.hh"

#include <fmt/format.h>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr auto slow = 2s;        // of one commit; usually it takes some milliseconds
constexpr auto remembered = 60s; // how long one such is told of

} // namespace

DiskWatch::DiskWatch(net::io_context &loop, Keeper &keeper, Recorder &recorder)
    : keeper_(keeper), recorder_(recorder), timer_(loop) {}

Task<void> DiskWatch::watch() {
  while (true) {
    look();
    timer_.expires_after(500ms);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
  }
}

void DiskWatch::look() {
  const auto now = SteadyClock::now();
  if (keeper_.slowest_commit() > slow) slow_until_ = now + remembered;
  const bool is_slow = now < slow_until_;
  become(spool_, "spool",
         keeper_.failed()         ? "failed"
         : keeper_.spool_full()   ? "full"
         : keeper_.damage() > 0   ? "damaged"
         : is_slow                ? "slow"
                                  : "well");
  become(hold_, "hold",
         keeper_.hold_failed() ? "failed"
         : keeper_.hold_full() ? "full"
         : is_slow             ? "slow"
                               : "well");
}

void DiskWatch::become(std::string &state, const char *what, const char *next) {
  if (state == next) return;
  state = next;
  const bool well = state == "well";
  if (well) log_info(fmt::format("the disk of the {} is well again", what));
  else log_error(fmt::format("the disk of the {}: {}", what, state));
  const std::string harmed = state == "damaged" ? fmt::format(R"(,"octets":{})", keeper_.damage()) : "";
  recorder_.tell(fmt::format(R"({{"event":"{}","what":"{}","state":"{}"{}}})", well ? "disk-well" : "disk-trouble",
                             what, state, harmed));
}

} // namespace sekisho::relay
