#include "gateway/path/evidence.hh"

#include <algorithm>

namespace sekisho::path {

void Evidence::keep(State &state, const Whose &whose, Bytes frame, const Now &now) {
  std::uint32_t second = now.seconds();
  // One a second, up to at_once; the first second of all is a quiet time.
  state.tokens = state.second == 0 ? at_once : std::min(at_once, state.tokens + (second - state.second));
  state.second = second;
  packet_.nanoseconds = now.nanoseconds;
  packet_.left_out = state.left_out;
  packet_.rule = whose.rule;
  packet_.length = static_cast<std::uint32_t>(frame.size());
  packet_.kept = static_cast<std::uint16_t>(std::min(frame.size(), RefusedPacket::max_kept));
  packet_.reason = whose.reason;
  packet_.zone = whose.zone;
  packet_.from_kernel = whose.from_kernel;
  std::copy_n(frame.begin(), packet_.kept, packet_.octets.begin());
  if (state.tokens == 0 || !ring_.push(packet_)) {
    ++state.left_out;
    return;
  }
  --state.tokens;
  state.left_out = 0;
}

void Evidence::tidy(const Now &now) {
  std::uint32_t second = now.seconds();
  if (second - tidied_at_ < tell_after) return;
  tidied_at_ = second;
  for (rules::ZoneId zone = 0; zone < rules::max_zones; ++zone)
    for (std::size_t reason = 0; reason < reason_count; ++reason) {
      State &state = (*states_)[zone][reason];
      if (state.left_out == 0) continue;
      packet_ = {.nanoseconds = now.nanoseconds,
                 .left_out = state.left_out,
                 .reason = static_cast<Reason>(reason),
                 .zone = zone,
                 .octets = {}};
      if (ring_.push(packet_)) state.left_out = 0;
    }
}

} // namespace sekisho::path
