// How old something is, by a clock that people, time servers and dead batteries set.  Where it jumped, or the gateway did not run,
// the time between is no part of an age: else one wrong second would delete all that is held, and give up all that waits.
// Values: no clock, no file.
#pragma once

#include "base/clock.hh"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::relay {

class Ages {
public:
  /// Less is counted as time that passed: beside the steady clock, and since an earlier process, which may only have stood still.
  static constexpr UnixSeconds least_jump = 600, least_absence = 86'400;
  /// So often what was seen is to be kept at least: an earlier process may have run so much longer.
  static constexpr UnixSeconds keep_every = 600;

  struct Jump {
    UnixSeconds from = 0, to = 0;
    bool operator==(const Jump &) const = default;
  };
  struct Span {
    UnixSeconds first = 0, last = 0; // both within
    bool operator==(const Span &) const = default;
  };

  /// What the clock says, beside one that nobody sets.  The jump since the last call, or since what decode() read.
  std::optional<Jump> look(UnixSeconds now, UnixSeconds steady);
  UnixSeconds age(UnixSeconds then, UnixSeconds now) const;
  /// Of when that is which is older than `age`.
  std::vector<Span> older_than(UnixSeconds age, UnixSeconds now) const;

  /// Lines: "seen N" and "jump FROM TO".
  std::string encode(UnixSeconds now) const;
  /// False: it is none of ours; nothing is known then.
  bool decode(std::string_view text);

private:
  UnixSeconds left_out(UnixSeconds then, UnixSeconds now) const;

  std::optional<UnixSeconds> last_; // seen
  UnixSeconds lead_ = 0;            // of the clock over the steady one
  bool has_lead_ = false;           // of this process
  std::vector<Jump> jumps_;
};

} // namespace sekisho::relay
