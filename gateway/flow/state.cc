#include "gateway/flow/state.hh"

#include <array>

namespace sekisho::flow {
namespace {

constexpr std::uint8_t fin = 1, syn = 2, rst = 4, ack = 16;

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

/// In the answerer's reply to a SYN the ACK proves the RST (RFC 9293 §3.10.7.3); afterwards the sequence
/// number must lie within what the other side may still expect.
bool is_credible_reset(State state, const std::uint32_t acknowledged[2], const Segment &segment) {
  constexpr std::uint32_t window = 1u << 16;
  if (state == State::syn_sent || state == State::closed) return true;
  std::uint32_t expected = acknowledged[segment.from_opener ? 1 : 0];
  return segment.sequence - expected <= window;
}

} // namespace

Fit step_tcp(State &state, std::uint32_t acknowledged[2], const Segment &segment) {
  if (segment.flags & rst) {
    if (is_credible_reset(state, acknowledged, segment)) state = State::closed;
    return Fit::fits;
  }
  Kind kind = kind_of(segment.flags);
  if (kind == syn_kind && segment.from_opener && has_ended(state)) return Fit::reopens;
  const Row &row = table[static_cast<std::size_t>(state)];
  State next = (segment.from_opener ? row.opener : row.answerer)[kind];
  if (next == State::none) return Fit::misfits;
  state = next;
  if (segment.flags & ack)
    acknowledged[segment.from_opener ? 0 : 1] = segment.acknowledgement;
  return Fit::fits;
}

} // namespace sekisho::flow
