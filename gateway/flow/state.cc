#include "gateway/flow/state.hh"

#include <array>

namespace sekisho::flow {
namespace {

constexpr std::uint8_t fin = 1, syn = 2, rst = 4, ack = 16;

constexpr std::uint8_t widest_scale = 14; // RFC 7323 §2.3

enum Kind : std::uint8_t { syn_kind, syn_ack_kind, ack_kind, fin_kind, kind_count };

Kind kind_of(std::uint8_t flags) {
  if (flags & syn) return flags & ack ? syn_ack_kind : syn_kind;
  return flags & fin ? fin_kind : ack_kind;
}

/// One row a state, without RST: what the opener's and the answerer's SYN, SYN+ACK, ACK and FIN lead to.
/// State::none: misfits.
struct Row {
  std::array<State, kind_count> opener, answerer;
};

constexpr State no = State::none;
constexpr std::array<Row, state_count> table = [] {
  using enum State;
  std::array<Row, state_count> rows{};
  const auto row = [&rows](State state) -> Row & { return rows[static_cast<std::size_t>(state)]; };
  //                     opener:  SYN           SYN+ACK  ACK            FIN
  //                     answerer
  // The answerer's bare ACK to a SYN: a half-open connection on its side (RFC 9293 §3.5.1).
  row(syn_sent) = {{syn_sent, no, no, no}, {no, syn_received, syn_sent, no}};
  row(syn_received) = {{syn_received, no, established, opener_done}, {no, syn_received, no, no}};
  // The opener's SYN here: it has forgotten; the answerer's challenge ACK sorts it out (RFC 5961 §4).
  row(established) = {{established, no, established, opener_done},
                      {no, established, established, answerer_done}};
  row(opener_done) = {{opener_done, no, opener_done, opener_done},
                      {no, no, opener_done, closing}};
  row(answerer_done) = {{answerer_done, no, answerer_done, closing},
                        {no, no, answerer_done, answerer_done}};
  row(closing) = {{no, no, closing, closing}, {no, no, closing, closing}};
  return rows;
}();

bool has_ended(State state) { return state == State::closing || state == State::closed; }

std::uint32_t end_of(const Segment &segment) {
  std::uint32_t controls = (segment.flags & syn ? 1u : 0u) + (segment.flags & fin ? 1u : 0u);
  return segment.sequence + segment.length + controls;
}

/// Acknowledges the SYN that was sent, with as much of its data as the answerer took (RFC 7413).
bool answers_syn(const TcpEnd &opener, const Segment &segment) {
  return static_cast<std::int32_t>(segment.acknowledgement - opener.limit) >= 0 &&
         static_cast<std::int32_t>(segment.acknowledgement - opener.next) <= 0;
}

/// Before the answer to its SYN nothing is known of the answerer: the acknowledgement proves it (RFC 9293
/// §3.10.7.3).  The opener's own RST there answers a challenge ACK (RFC 9293 §3.5.1) or takes the SYN back.
Fit reset_opening(State &state, const TcpEnd tcp[2], const Segment &segment) {
  if (!segment.from_opener) {
    if (!(segment.flags & ack) || !answers_syn(tcp[0], segment)) return Fit::out_of_window;
    state = State::closed;
  } else if (segment.sequence == tcp[0].next) {
    state = State::closed;
  }
  return Fit::fits;
}

Fit reset(State &state, const TcpEnd tcp[2], const Segment &segment) {
  if (state == State::syn_sent) return reset_opening(state, tcp, segment);
  const TcpEnd &sender = tcp[segment.from_opener ? 0 : 1];
  const TcpEnd &receiver = tcp[segment.from_opener ? 1 : 0];
  auto behind = static_cast<std::int32_t>(segment.sequence - (sender.next - receiver.widest() - 1));
  auto beyond = static_cast<std::int32_t>(segment.sequence - sender.limit);
  if (behind < 0 || beyond > 0) return Fit::out_of_window;
  if (segment.sequence == sender.next) state = State::closed;
  return Fit::fits;
}

/// The answerer's SYN and ACK: from here on both ends' numbers are known.
void answer(TcpEnd tcp[2], const Segment &segment) {
  TcpEnd &opener = tcp[0], &answerer = tcp[1];
  bool both_scale = opener.offered && segment.scale != Segment::no_scale;
  // A window in a SYN is never scaled (RFC 7323 §2.2): both count from here.
  answerer = {.next = end_of(segment),
              .limit = segment.sequence + 1 + opener.window,
              .window = segment.window,
              .scale = both_scale ? std::min(segment.scale, widest_scale) : std::uint8_t{0},
              .offered = segment.scale != Segment::no_scale};
  if (!both_scale) opener.scale = 0;
  std::uint32_t permitted = segment.acknowledgement + segment.window;
  if (static_cast<std::int32_t>(permitted - opener.limit) > 0) opener.limit = permitted;
}

/// The opener has forgotten the connection, and the answerer's answer says that it has too.
bool begins_anew(TcpEnd tcp[2], const Opening &again, const Segment &segment) {
  if (!again.is_noted || segment.from_opener || segment.acknowledgement != again.next) return false;
  open_tcp(tcp, {.from_opener = true,
                 .flags = syn,
                 .sequence = again.next - 1,
                 .window = again.window,
                 .scale = again.scale});
  return true;
}

/// SYN, or SYN and ACK, of a connection that is there.
Fit step_opening(State &state, TcpEnd tcp[2], Opening &again, const Segment &segment, State next) {
  if (segment.from_opener) {
    if (state == State::syn_sent) open_tcp(tcp, segment); // sent again, perhaps with other numbers
    else again = {true, segment.scale, segment.window, end_of(segment)};
    return Fit::fits;
  }
  if (state == State::established && !begins_anew(tcp, again, segment)) {
    // Sent again because the opener's ACK was lost; it shows nothing new.
    std::uint32_t end = end_of(segment);
    return is_in_window(tcp[1], tcp[0], end, segment.acknowledgement)
               ? Fit::fits
               : Fit::out_of_window;
  }
  bool is_answer = state == State::syn_received
                       ? segment.acknowledgement == tcp[0].next || begins_anew(tcp, again, segment)
                       : answers_syn(tcp[0], segment);
  if (!is_answer) return Fit::out_of_window;
  again = {};
  answer(tcp, segment);
  state = state == State::established ? State::syn_received : next;
  return Fit::fits;
}

} // namespace

const char *word_of(State state) {
  static constexpr std::array<const char *, state_count> words = {
      "none",          "syn-sent", "syn-received", "established", "opener-done",
      "answerer-done", "closing",  "closed",       "one-way",     "two-way"};
  return words[static_cast<std::size_t>(state)];
}

void open_tcp(TcpEnd tcp[2], const Segment &segment) {
  std::uint32_t next = end_of(segment);
  bool scales = segment.scale != Segment::no_scale;
  tcp[0] = {.next = next,
            .limit = segment.sequence + 1, // until it is answered: the least that answers it
            .window = segment.window,
            .scale = scales ? std::min(segment.scale, widest_scale) : std::uint8_t{0},
            .offered = scales};
  tcp[1] = {};
}

Fit step_tcp(State &state, TcpEnd tcp[2], Opening &again, const Segment &segment) {
  if (segment.flags & rst) return state == State::closed ? Fit::fits : reset(state, tcp, segment);
  Kind kind = kind_of(segment.flags);
  if (kind == syn_kind && segment.from_opener && has_ended(state)) return Fit::reopens;
  const Row &row = table[static_cast<std::size_t>(state)];
  State next = (segment.from_opener ? row.opener : row.answerer)[kind];
  if (next == State::none) return Fit::misfits;
  if (kind == syn_kind || kind == syn_ack_kind)
    return step_opening(state, tcp, again, segment, next);
  if (state == State::syn_sent) return Fit::fits; // the answerer's challenge: its numbers are of its own

  TcpEnd &sender = tcp[segment.from_opener ? 0 : 1];
  TcpEnd &receiver = tcp[segment.from_opener ? 1 : 0];
  std::uint32_t end = end_of(segment);
  if (!is_in_window(sender, receiver, end, segment.acknowledgement))
    return Fit::out_of_window;
  note_segment(sender, receiver, end, segment.acknowledgement, segment.window);
  state = next;
  return Fit::fits;
}

} // namespace sekisho::flow
