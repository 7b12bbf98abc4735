// Plain packets of no flow.  Under attack nearly all are, so the rules are asked about all of a burst together.
// Those they refuse are dropped here; what is odd about a packet beyond its rules, and what is permitted, gets the
// closer look (judge.cc).  When more comes than the core can judge, some of them are not asked about (patience.hh).
#include "gateway/path/path.hh"

#include "gateway/path/quick.hh"
#include "gateway/wire/ip.hh"
#include "gateway/wire/transport.hh"

namespace sekisho::path {
namespace {

struct Layout {
  std::size_t source, destination, transport, protocol;
};
constexpr Layout ipv4_layout{in_frame::source, in_frame::destination, in_frame::transport, in_frame::protocol};
constexpr Layout ipv6_layout{in_frame6::source, in_frame6::destination, in_frame6::transport, in_frame6::length + 2};

/// What the end host would throw away is refused for that (judge.cc).  The pseudo-header's addresses stand right
/// before the transport header.
bool has_right_transport_sum(Bytes packet, const Layout &layout) {
  const std::byte *octets = packet.data();
  std::uint8_t protocol = wire::u8_at(octets, layout.protocol);
  if (protocol == rules::protocol::udp && raw_at<std::uint16_t>(octets, layout.transport + 6) == 0)
    return layout.transport == in_frame::transport; // RFC 8200 §8.1: IPv6 has no such
  std::uint64_t sum = wire::partial_sum(packet.subspan(layout.source));
  sum += __builtin_bswap16(protocol);
  sum += __builtin_bswap16(static_cast<std::uint16_t>(packet.size() - layout.transport));
  return wire::folded(sum) == 0xffff;
}

bool has_ordinary_addresses4(const std::byte *octets) {
  std::uint32_t source = wire::u32_at(octets, in_frame::source), destination = wire::u32_at(octets, in_frame::destination);
  return !wire::is_bad_ipv4_source(source, destination) && !wire::is_ipv4_group(destination);
}
bool has_ordinary_addresses6(const std::byte *octets) {
  return wire::check_ipv6_addresses(wire::ipv6_at(octets, in_frame6::source), wire::ipv6_at(octets, in_frame6::destination),
                                    wire::u8_at(octets, ipv6_layout.protocol)) == Reason::none;
}

} // namespace

/// Nothing speaks against the packet before the rules are asked.
bool Path::is_ordinary(std::size_t i) const {
  const port::Frame &frame = burst_.frames[i];
  const std::byte *octets = frame.data;
  const bool is_ipv6 = burst_.is_ipv6(i);
  const Layout &layout = is_ipv6 ? ipv6_layout : ipv4_layout;
  if (!(burst_.addressed >> i & 1) && !is_lenient()) return false;
  if (!(is_ipv6 ? has_ordinary_addresses6(octets) : has_ordinary_addresses4(octets))) return false;
  if (raw_at<std::uint16_t>(octets, layout.transport) == 0 || raw_at<std::uint16_t>(octets, layout.transport + 2) == 0)
    return false; // ports
  const std::size_t flags = in_frame::tcp_flags - in_frame::transport;
  if (wire::u8_at(octets, layout.protocol) == rules::protocol::tcp &&
      wire::are_odd_flags(wire::u8_at(octets, layout.transport + flags)))
    return false;
  return !options_.checksums || has_right_transport_sum(frame.bytes().first(burst_.lengths[i]), layout);
}

/// Field by field where it is to stand: copied, it would be read before it is written.
void Path::put_subject(std::size_t i, rules::PacketSubject &subject) const {
  const std::byte *octets = burst_.frames[i].data;
  const bool is_ipv6 = burst_.is_ipv6(i);
  const Layout &layout = is_ipv6 ? ipv6_layout : ipv4_layout;
  subject.from = burst_.zone;
  subject.source_mac = wire::mac_at(octets, in_frame::source_mac);
  subject.source = is_ipv6 ? wire::ipv6_at(octets, layout.source) : wire::ipv4_at(octets, layout.source);
  subject.destination = is_ipv6 ? wire::ipv6_at(octets, layout.destination) : wire::ipv4_at(octets, layout.destination);
  subject.protocol = wire::u8_at(octets, layout.protocol);
  subject.source_port = wire::u16_at(octets, layout.transport);
  subject.destination_port = wire::u16_at(octets, layout.transport + 2);
}

/// Asks the rules about those of `which`; bit i: packet i is to be refused.
std::uint64_t Path::ask_about_strangers(std::uint64_t which) {
  burst_.decided = 0;
  burst_.looked_at = 0;
  has_opened_ = false;
  if (!burst_.may_be_quick) return 0;
  std::array<std::uint8_t, burst_size> whose;
  std::size_t strangers = 0, asked = 0;
  for (which &= burst_.plain; which != 0; which &= which - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(which));
    whose[strangers] = static_cast<std::uint8_t>(i);
    strangers += std::size_t{burst_.candidates[i] == flow::Table::none};
  }
  std::uint64_t refused = 0;
  for (; strangers > burst_.strangers; --strangers) refused |= std::uint64_t{1} << whose[strangers - 1];
  for (std::size_t k = 0; k < strangers; ++k) {
    std::size_t i = whose[k];
    if (!is_ordinary(i)) continue;
    whose[asked] = static_cast<std::uint8_t>(i);
    put_subject(i, burst_.subjects[asked++]);
  }
  if (asked == 0) return refused;

  std::array<rules::Decision, burst_size> decisions;
  policy_->rules().decide(std::span(burst_.subjects).first(asked), burst_.now.unix, decisions.data());
  for (std::size_t k = 0; k < asked; ++k) {
    std::size_t i = whose[k];
    rules::Decision decision = unless_void(decisions[k], burst_.subjects[k]);
    burst_.decisions[i] = decision;
    burst_.asked_as[i] = static_cast<std::uint8_t>(k);
    burst_.decided |= std::uint64_t{1} << i;
    refused |= std::uint64_t{decision.verdict == rules::Verdict::drop} << i;
  }
  return refused;
}

/// False: a packet of the same burst has opened its flow meanwhile.  Whom the rules were not asked about is shed.
bool Path::refuse_stranger(std::size_t i) {
  if (has_opened_ && flows_.find(burst_.keys[i], burst_.hashes[i])) return false;
  if ((burst_.decided >> i & 1) == 0) {
    shed(i);
    return true;
  }
  const rules::Decision &decision = burst_.decisions[i];
  drop(i, dropped(decision.reason, decision.rule), burst_.subjects[burst_.asked_as[i]]);
  return true;
}

} // namespace sekisho::path
