// A rate with a burst of one second, for several threads at once: a token bucket in one word.
#pragma once

#include <atomic>
#include <cstdint>

namespace sekisho::path {

/// Remembers until when the rate is spoken for (the "theoretical arrival time" of ITU-T I.371 Annex A), so that
/// taking is one compare-and-swap.  Times are in 1/16 ns: 36 years before they wrap.
class Pace {
public:
  static constexpr std::uint64_t second = 16'000'000'000;
  static std::uint64_t time_of(std::uint64_t nanoseconds) { return nanoseconds * 16; }
  /// What one of `rate` a second costs; 0 for no limit.
  static std::uint64_t cost_of(std::uint64_t rate) {
    return rate == 0 ? 0 : rate >= second ? 1 : second / rate;
  }

  /// Takes `cost` when there is room for it at `now`; all or nothing.
  bool take(std::uint64_t cost, std::uint64_t now) {
    if (cost == 0) return true;
    std::uint64_t until = spoken_for_.load(std::memory_order_relaxed);
    std::uint64_t next;
    do {
      next = (until > now ? until : now) + cost;
      if (next - now > second) return false;
    } while (!spoken_for_.compare_exchange_weak(until, next, std::memory_order_relaxed));
    return true;
  }
  /// Gives back what was taken for something that did not happen.
  void give_back(std::uint64_t cost) { spoken_for_.fetch_sub(cost, std::memory_order_relaxed); }
  bool has_room(std::uint64_t cost, std::uint64_t now) const {
    std::uint64_t until = spoken_for_.load(std::memory_order_relaxed);
    return cost == 0 || (until > now ? until - now : 0) + cost <= second;
  }
  /// Nothing of it is in use: it may be forgotten.
  bool is_at_rest(std::uint64_t now) const {
    return spoken_for_.load(std::memory_order_relaxed) <= now;
  }
  void reset() { spoken_for_.store(0, std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> spoken_for_{0};
};

} // namespace sekisho::path
