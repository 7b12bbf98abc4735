#include "gateway/relay/disk_watch.hh"

#include "base/log.hh"

#include <fmt/format.h>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;
constexpr auto slow = 2s; // of one commit; usually it takes some milliseconds
constexpr auto sum_every = 1h;

/// What it comes to; slowness is no alarm.
std::string_view meaning(std::string_view name, std::string_view state) {
  if (state == "slow") return {};
  if (state == "damaged") return ": octets were found harmed at the start";
  return name == "spool" ? ": no mail is taken" : ": mail to be held waits in the spool";
}

} // namespace

DiskWatch::DiskWatch(net::io_context &loop, const RelaySettings &settings, Keeper &keeper, const Journeys &journeys, Recorder &recorder)
    : settings_(settings), keeper_(keeper), journeys_(journeys), recorder_(recorder), timer_(loop) {}

Task<void> DiskWatch::watch() {
  while (true) {
    look();
    look_for_room();
    timer_.expires_after(500ms);
    auto [error] = co_await timer_.async_wait(as_result);
    if (error) co_return;
  }
}

void DiskWatch::look() {
  const auto now = SteadyClock::now();
  if (keeper_.slowest_commit() > slow) slow_until_ = now + steady(settings_.trouble_told);
  const bool is_slow = now < slow_until_;
  const bool is_spool_full = is_full(spool_, keeper_.spool_full()), is_hold_full = is_full(hold_, keeper_.hold_full());
  become(spool_, keeper_.failed()         ? "failed"
                 : is_spool_full          ? "full"
                 : keeper_.damage() > 0   ? "damaged"
                 : is_slow                ? "slow"
                                          : "well");
  become(hold_, keeper_.hold_failed() ? "failed"
                : is_hold_full        ? "full"
                : is_slow             ? "slow"
                                      : "well");
}

bool DiskWatch::is_full(Disk &disk, bool is_now) {
  const auto now = SteadyClock::now();
  if (is_now) disk.full_until = now + steady(settings_.trouble_told);
  return now < disk.full_until;
}

void DiskWatch::become(Disk &disk, const char *next) {
  if (disk.state == next) return;
  disk.state = next;
  const bool well = disk.state == "well";
  const std::string_view what_then = meaning(disk.name, disk.state);
  if (well) log_info(fmt::format("the disk of the {} is well again", disk.name));
  else log_error(fmt::format("{}the disk of the {}: {}{}", what_then.empty() ? "" : "ALARM: ", disk.name, disk.state, what_then));
  const std::string harmed = disk.state == "damaged" ? fmt::format(R"(,"octets":{})", keeper_.damage()) : "";
  recorder_.tell(fmt::format(R"({{"event":"{}","what":"{}","state":"{}"{}}})", well ? "disk-well" : "disk-trouble",
                             disk.name, disk.state, harmed));
}

/// A mail that waits for room says so once; how many there are is told here.
void DiskWatch::look_for_room() {
  const auto now = SteadyClock::now();
  for (const auto &[relay, mails] : journeys_.without_room()) {
    const auto [shortage, is_new] = shortages_.try_emplace(relay);
    shortage->second.until = now + steady(settings_.trouble_told);
    if (is_new) tell_room(relay, "hold-full");
    if (!is_new && now < shortage->second.next_sum) continue;
    shortage->second.next_sum = now + sum_every;
    log_error(fmt::format("ALARM: relay {}: the room in the hold that the rules grant is used up; mails that wait for it: {}", relay, mails));
  }
  std::erase_if(shortages_, [&](const auto &shortage) {
    if (now < shortage.second.until) return false;
    log_info(fmt::format("relay {}: there is room in the hold again", shortage.first));
    tell_room(shortage.first, "hold-has-room");
    return true;
  });
}

void DiskWatch::tell_room(const std::string &relay, const char *event) {
  recorder_.tell(fmt::format(R"({{"event":"{}","relay":"{}"}})", event, relay));
}

} // namespace sekisho::relay
