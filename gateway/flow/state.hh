// The state of a flow: of a TCP connection as seen from the middle, and the little there is of UDP and echo.
#pragma once

#include <algorithm>
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

/// Whether nobody has answered it yet, or nobody the answer: what a flood of openings is made of.
inline bool is_embryonic(State state) {
  return state == State::syn_sent || state == State::syn_received || state == State::one_way;
}

/// Whether both ends have finished, or one has broken it off: what comes now is late.
inline bool is_over(State state) {
  return state == State::closing || state == State::closed;
}

/// The word of a state, for lists of flows.
const char *word_of(State state);

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

/// What one end of a TCP connection has sent and may send (RFC 9293 §3.3.1, as the middle sees it).
/// Numbers are sequence numbers: they are compared by the sign of their difference.
struct TcpEnd {
  std::uint32_t next = 0;   // after the last octet it sent: its SND.NXT at least
  std::uint32_t limit = 0;  // after the last octet the other end has ever permitted: acknowledgement + window
  std::uint16_t window = 0; // the widest it has announced, as it stood in the header
  std::uint8_t scale = 0;   // of its windows (RFC 7323 §2)
  std::uint8_t offered = 0; // it sent a window scale option with its SYN

  /// The widest window it has announced, in octets.
  std::uint32_t widest() const { return std::uint32_t{window} << scale; }
};
static_assert(sizeof(TcpEnd) == 12);

/// One TCP segment of an existing flow.
struct Segment {
  bool from_opener = false;
  std::uint8_t flags = 0; // wire::tcp_flag, sane ones (wire/transport.hh)
  std::uint32_t sequence = 0, acknowledgement = 0;
  std::uint16_t window = 65535; // as in the header
  std::uint16_t length = 0;     // octets of data
  std::uint8_t scale = no_scale; // SYN: the window scale option
  static constexpr std::uint8_t no_scale = 0xff;
};

/// Whether a segment with ACK lies where this connection can be: it ends within what the receiver has
/// permitted and no more than a window before the last octet sent (a retransmission), and acknowledges what
/// was sent and not what is long gone.  One octet beyond the window is a probe of a closed one (RFC 9293
/// §3.8.6.1), and one behind it a question whether the other still lives (§3.8.4).
///
/// Two differences, each as an unsigned number: a value on the wrong side is a huge one.
inline bool is_in_window(const TcpEnd &sender, const TcpEnd &receiver, std::uint32_t end,
                         std::uint32_t acknowledgement) {
  constexpr std::uint32_t oldest_acknowledgement = 1 << 16; // and a window more
  std::uint32_t last = sender.limit + 1;
  bool is_sendable = last - end <= last - sender.next + receiver.widest() + 2;
  bool is_acknowledgement =
      receiver.next - acknowledgement <= sender.widest() + oldest_acknowledgement;
  return static_cast<bool>(is_sendable & is_acknowledgement);
}

/// Whether this end can have sent a segment that began here: not after what it has sent, and no more than a window
/// and 64 KiB before (data in a SYN, of which no window is known yet).
inline bool may_have_sent(const TcpEnd &sender, const TcpEnd &receiver, std::uint32_t sequence) {
  return sender.next - sequence <= receiver.widest() + 0x10000;
}

/// Notes what a segment within the window has shown of both ends.
inline void note_segment(TcpEnd &sender, TcpEnd &receiver, std::uint32_t end,
                         std::uint32_t acknowledgement, std::uint16_t window) {
  sender.next = static_cast<std::int32_t>(end - sender.next) > 0 ? end : sender.next;
  sender.window = std::max(sender.window, window);
  std::uint32_t permitted = acknowledgement + (std::uint32_t{window} << sender.scale);
  receiver.limit =
      static_cast<std::int32_t>(permitted - receiver.limit) > 0 ? permitted : receiver.limit;
}

enum class Fit : std::uint8_t {
  fits,
  reopens,       // a SYN of the opener on a connection that has ended: a new flow, to be decided as such
  misfits,       // Reason::bad_tcp_state
  out_of_window, // Reason::tcp_out_of_window
};

/// A SYN the opener sent on an open connection: it has forgotten it.  If the answerer has too, and answers
/// just this one, the connection begins anew; if not, its challenge ACK sorts it out (RFC 5961 §4).
struct Opening {
  bool is_noted = false;
  std::uint8_t scale = Segment::no_scale;
  std::uint16_t window = 0;
  std::uint32_t next = 0;
};

/// The first segment of a connection: the opener's SYN.
void open_tcp(TcpEnd tcp[2], const Segment &syn);

/// Whether the segment fits, RFC 9293 §3.10 as far as the middle can tell; then everything is moved on.  An RST
/// within the window is let through but ends the flow only where the receiver must take it (RFC 5961 §3.2),
/// so that a guessed one ends nothing.
Fit step_tcp(State &state, TcpEnd tcp[2], Opening &again, const Segment &segment);

} // namespace sekisho::flow
