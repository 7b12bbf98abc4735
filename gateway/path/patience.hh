// How many packets of no known flow a door's burst may have judged, when more comes than the core can do (Z8).
#pragma once

#include "gateway/path/burst.hh"

#include <algorithm>

namespace sekisho::path {

/// Bursts that come full one after the other say that packets wait.  A few such are a crowd, which is judged whole;
/// then only a share of the strangers is, so that known flows, which cost little, lose nothing.  While bursts are
/// full the share is halved, quickly; while they are not it grows by one, slowly: a flood finds its level within a
/// millisecond and is tried anew no more often than the ring of a card can bear.
class Patience {
public:
  static constexpr unsigned crowd = 8; // full bursts: half of a card's usual ring
  static constexpr std::uint64_t halve_after = 50'000, grow_after = 1'000'000; // ns since the last change

  /// Of a burst; is_full: as many came as were asked for.
  unsigned share(bool is_full, std::uint64_t now_ns) {
    if (!is_full) {
      full_ = 0;
      if (share_ < burst_size && now_ns - changed_at_ >= grow_after) change_to(share_ + 1, now_ns);
    } else if (share_ == burst_size ? ++full_ > crowd : now_ns - changed_at_ >= halve_after) {
      change_to(std::max(share_ / 2, 1u), now_ns);
    }
    return share_;
  }

private:
  void change_to(unsigned share, std::uint64_t now_ns) {
    share_ = share;
    changed_at_ = now_ns;
  }
  unsigned full_ = 0; // in a row, while all are judged
  unsigned share_ = burst_size;
  std::uint64_t changed_at_ = 0;
};

} // namespace sekisho::path
