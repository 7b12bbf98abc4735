// The state of a flow: of a TCP connection as seen from the middle, and the little there is of UDP and echo.
#pragma once

#include <array>
#include <cstdint>

namespace sekisho::flow {

enum class State : std::uint8_t {
  none,         // free
  syn_sent,     // opener: SYN
  syn_received, // answerer: SYN and ACK
  established,  // opener: ACK
  opener_done,  // opener: FIN
  answerer_done,// answerer: FIN
  closing,      // FIN from both
  closed,       // RST
  one_way,      // UDP, echo …: no answer yet
  two_way,      // answered
};
constexpr std::size_t state_count = static_cast<std::size_t>(State::two_way) + 1;

/// Seconds without a packet after which the flow is forgotten.  TCP: RFC 5382 §5 (established at least 2 h
/// 4 min, others 4 min), UDP: RFC 4787 §4.3 (at least 2 min), ICMP: RFC 5508 §3.2 (at least 60 s).
inline std::uint32_t timeout_of(State state) {
  static constexpr std::array<std::uint32_t, state_count> seconds = {
      0,    // none
      30,   // syn_sent
      30,   // syn_received
      7500, // established
      240,  // opener_done
      240,  // answerer_done
      60,   // closing
      10,   // closed
      60,   // one_way
      150,  // two_way
  };
  return seconds[static_cast<std::size_t>(state)];
}

/// One TCP segment of an existing flow.
struct Segment {
  bool from_opener = false;
  std::uint8_t flags = 0; // wire::tcp_flag, sane ones (wire/transport.hh)
  std::uint32_t sequence = 0, acknowledgement = 0;
};

enum class Fit : std::uint8_t {
  fits,
  reopens, // a SYN of the opener on a connection that has ended: a new flow, to be decided as such
  misfits, // Reason::bad_tcp_state
};

/// Whether the segment fits, RFC 9293 §3.10 as far as the middle can tell; then `state` and `acknowledged`
/// ([opener, answerer]: last ACK number) are moved on.  An RST is let through but ends the flow only within
/// the receiver's window (RFC 5961 §3), so that a guessed one ends nothing.
Fit step_tcp(State &state, std::uint32_t acknowledged[2], const Segment &segment);

} // namespace sekisho::flow
