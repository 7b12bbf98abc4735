// Fragments on their way: held until their datagram is whole, then judged as what they are together by its first
// fragment, and all with one fate.  And packets that do not fit: an error goes back (RFC 1191, RFC 8201).
#include "gateway/path/path.hh"

#include "gateway/wire/checksum.hh"
#include "gateway/wire/quoted.hh"
#include "gateway/wire/transport.hh"

#include <algorithm>
#include <utility>

namespace sekisho::path {
namespace {

/// Messages between the stations of a link never come in fragments (RFC 6980); nor do listeners'.
bool is_of_the_link(const wire::Headers &headers) {
  if (headers.protocol != rules::protocol::icmp6) return false;
  return (headers.icmp_type >= 130 && headers.icmp_type <= 137) || headers.icmp_type == 143;
}

/// The octets of IP packet in it, without padding; it was parsed before it was held.
std::uint32_t length_of(const port::Frame &frame) {
  const std::byte *packet = frame.data + wire::ethernet_size;
  bool is_ipv4 = wire::u8_at(packet, 0) >> 4 == 4;
  std::uint32_t length = is_ipv4 ? wire::u16_at(packet, 2) : wire::u16_at(packet, 4) + 40u;
  return static_cast<std::uint32_t>(wire::ethernet_size) + length;
}
std::uint8_t hop_limit_of(const port::Frame &frame) {
  const std::byte *packet = frame.data + wire::ethernet_size;
  return wire::u8_at(packet, wire::u8_at(packet, 0) >> 4 == 4 ? 8 : 7);
}

} // namespace

/// Only what could be its sender's is held: a fragment has no rule of its own before the datagram is whole.
Fate Path::judge_fragment(std::size_t i) {
  const wire::Headers &headers = burst_.headers[i];
  if (Reason reason = check_frame(headers); reason != Reason::none) return drop_odd(i, reason);
  const rules::Zone &zone = policy_->rules().zones()[burst_.zone];
  if (zone.drop_fragments) return drop_odd(i, Reason::ip_fragment);
  if (burst_.side == Side::port && !zone.has(headers.source)) return drop_odd(i, Reason::source_not_of_zone);
  if (is_one_too_many(i)) return dropped(Reason::strangers_shed);
  Reassembly::Result result =
      reassembly_.add({burst_.zone, burst_.side, &headers, burst_.frames[i]}, burst_.seconds);
  switch (result.outcome) {
  case Reassembly::Outcome::refused: return dropped(result.reason);
  case Reassembly::Outcome::held: return held();
  case Reassembly::Outcome::complete: break;
  }
  burst_.frames[i] = result.frames[0]; // it stands for all of them
  rest_ = result.frames.subspan(1);
  return judge_datagram(i, result.data_length);
}

Fate Path::judge_datagram(std::size_t i, std::size_t data_length) {
  wire::Headers &headers = burst_.headers[i];
  Reason reason = wire::parse_reassembled(burst_.frames[i].bytes(), data_length, headers);
  if (reason != Reason::none) return dropped(reason);
  if (is_of_the_link(headers)) return dropped(Reason::nd_malformed);
  for (const port::Frame &frame : rest_)
    headers.hop_limit = std::min(headers.hop_limit, hop_limit_of(frame));
  bool source_is_high = false;
  burst_.keys[i] = flows_.hasher().key_of(ends_of(headers), source_is_high);
  burst_.source_is_high[i] = source_is_high;
  burst_.hashes[i] = flows_.hasher().hash(burst_.keys[i]);
  burst_.candidates[i] = flows_.candidate(burst_.hashes[i]);
  Fate fate = judge_flow(i);
  if (fate.verdict == rules::Verdict::drop) return fate;
  std::uint32_t largest = exits_.largest[fate.out];
  bool fits = std::ranges::all_of(
      rest_, [&](const port::Frame &frame) { return length_of(frame) <= largest; });
  if (fate.verdict == rules::Verdict::pass && !fits) {
    answer_too_big(i, fate.out);
    return dropped(Reason::too_big_to_leave, fate.rule);
  }
  reason = count_rest(i);
  return reason == Reason::none ? fate : dropped(reason, fate.rule);
}

/// The other fragments are packets of the flow as the first one is, for its rule's rate and its counts.
Reason Path::count_rest(std::size_t i) {
  flow::Entry *entry = flows_.find(burst_.keys[i], burst_.hashes[i]);
  if (!entry) return Reason::none; // a message that makes no flow
  bool from_opener = burst_.source_is_high[i] == entry->opener_is_high;
  for (const port::Frame &frame : rest_) {
    std::uint32_t length = length_of(frame);
    Reason reason = entry->metered
                        ? limits_.allow_packet({flows_.aside(*entry).limit_slot}, from_opener, length,
                                               burst_.now.nanoseconds)
                        : Reason::none;
    if (reason != Reason::none) return reason;
    count_packet(*entry, length);
  }
  return Reason::none;
}

/// Over all fragments; each but the last is of whole eighths, so their sums add up.
Reason Path::check_datagram_sum(std::size_t i) const {
  const wire::Headers &headers = burst_.headers[i];
  Bytes first = burst_.frames[i].bytes().first(headers.length).subspan(headers.transport_offset);
  std::uint64_t sum = wire::partial_sum(first);
  std::size_t length = first.size();
  for (const port::Frame &frame : rest_) {
    wire::Headers one;
    if (wire::parse(frame.bytes(), one) != Reason::ip_fragment) return Reason::fragment_malformed;
    Bytes data = frame.bytes().first(one.length).subspan(one.fragment_start);
    sum += wire::partial_sum(data);
    length += data.size();
  }
  std::uint16_t udp_checksum =
      headers.protocol == rules::protocol::udp ? wire::u16_at(first.data(), 6) : 0;
  return wire::check_transport_sum(sum, length, udp_checksum, headers);
}

/// The other fragments, in their order; they leave behind the burst that completed them.
void Path::leave_rest(std::size_t i) {
  const Fate fate = burst_.fates[i];
  const std::byte *first = burst_.frames[i].data;
  for (port::Frame frame : std::exchange(rest_, {})) {
    if (fate.verdict == rules::Verdict::pass) {
      std::memcpy(frame.data, first, 12); // the two MACs
      take_hop(frame.data + wire::ethernet_size);
      if (std::uint32_t length = length_of(frame); frame.length != length)
        pool_.set_length(frame, length);
    }
    if (followers_.size() == followers_.capacity()) send_rest();
    followers_.push_back({frame, burst_.places[i], static_cast<std::uint8_t>(i)});
    ++burst_.verdicts[static_cast<std::size_t>(fate.verdict)];
  }
}

void Path::send_rest() {
  for (std::size_t begin = 0, end = 0; begin < followers_.size(); begin = end) {
    unsigned place = followers_[begin].place;
    std::size_t count = 0;
    for (; end < followers_.size() && followers_[end].place == place && count < burst_size; ++end) {
      burst_.gathered[count] = followers_[end].frame;
      burst_.whose[count++] = followers_[end].whose;
    }
    send(place, std::span(burst_.gathered).first(count), burst_.whose.data());
  }
  followers_.clear();
}

void Path::drop_rest(std::size_t i) {
  std::span<const port::Frame> rest = std::exchange(rest_, {});
  if (rest.empty()) return;
  const rules::PacketSubject who = subject_of(i);
  for (std::size_t count = rest.size(); count > 0; --count) note_refusal(who, burst_.fates[i]);
  pool_.release(rest);
}

/// Fragments whose datagram never came to a verdict.
void Path::note_lost(const DatagramKey &datagram, Reason reason, std::size_t count) {
  ZoneCounters &zone = counters_.zones[datagram.zone];
  zone.verdicts[static_cast<std::size_t>(rules::Verdict::drop)].add(count);
  zone.reasons[static_cast<std::size_t>(reason)].add(count);
  if (!events_ || count == 0) return;
  rules::PacketSubject who{.from = datagram.zone,
                           .from_kernel = datagram.side == static_cast<std::uint8_t>(Side::kernel),
                           .source_mac = datagram.source_mac,
                           .source = datagram.source,
                           .destination = datagram.destination,
                           .protocol = datagram.protocol};
  refusals_.add({who, reason, rules::no_rule, burst_.now.unix}, count);
}

/// Back to where it came from, so that the sender learns what fits; a few a second, however many ask for it.  A
/// packet that may be fragmented is dropped all the same: a gateway that cuts packets up works for who floods it.
void Path::answer_too_big(std::size_t i, rules::ZoneId out) {
  constexpr std::uint64_t errors_per_second = 100;
  const wire::Headers &headers = burst_.headers[i];
  Door &back = door(burst_.zone, Side::port);
  if (!headers.dont_fragment || burst_.side != Side::port || !back.port ||
      !too_big_pace_.take(Pace::cost_of(errors_per_second), Pace::time_of(burst_.now.nanoseconds)))
    return;
  bool is_ipv4 = headers.network == wire::Network::ipv4;
  const std::optional<Ip> &address = policy_->rules().zones()[burst_.zone].address;
  wire::TooBig what{.from_mac = back.mac, .from = link_local_of(back.mac), .mtu = 0};
  if (address && address->is_v4() == is_ipv4) what.from = *address;
  what.mtu = exits_.largest[out] - static_cast<std::uint32_t>(wire::ethernet_size);
  wire::ErrorFrame error;
  std::size_t size = wire::make_too_big(burst_.frames[i].bytes(), headers, what, error);
  port::Frame frame;
  if (size == 0 || size > pool_.capacity() || !pool_.allocate(frame)) return;
  std::copy_n(error.begin(), size, frame.data);
  pool_.set_length(frame, static_cast<std::uint32_t>(size));
  counters_.too_big_answered.add(back.port->transmit({&frame, 1}));
}

} // namespace sekisho::path
