// The quick way: a plain packet of a flow that is known, permitted by the present rules and in an ordinary
// state.  Whatever is out of the ordinary gets the closer look; nothing is refused here.
#include "gateway/path/path.hh"

#include "gateway/path/plain.hh"

namespace sekisho::path {
namespace {

/// The 48 bits of a MAC at an offset, with whatever two octets follow it cut off.
std::uint64_t mac_word_at(const std::byte *octets, std::size_t offset) {
  return raw_at<std::uint64_t>(octets, offset) << 16;
}
std::uint64_t mac_word(const Mac &mac) {
  std::uint32_t front;
  std::uint16_t back;
  std::memcpy(&front, mac.octets.data(), 4);
  std::memcpy(&back, mac.octets.data() + 4, 2);
  return (front | std::uint64_t{back} << 32) << 16;
}

/// RFC 791 §3.2: one less, and the checksum with it (RFC 1624 §3): the TTL is the high octet of its word, so the
/// sum grows by 0x0100.
void count_hop(std::byte *frame) {
  wire::put_u8(frame, at::ttl, static_cast<std::uint8_t>(wire::u8_at(frame, at::ttl) - 1));
  std::uint32_t sum = wire::u16_at(frame, at::header_checksum) + 0x0100u;
  wire::put_u16(frame, at::header_checksum, static_cast<std::uint16_t>(sum + (sum >= 0xffff)));
}

} // namespace

bool Path::judge_quickly(std::size_t i) {
  flow::Table::Index candidate = burst_.candidates[i];
  if (candidate == flow::Table::none) return false;
  flow::Entry *entry = flows_.find_candidate(burst_.keys[i], candidate);
  if (!entry) return false;
  port::Frame &frame = burst_.frames[i];
  const std::byte *octets = frame.data;

  bool from_opener = burst_.source_is_high[i] == entry->opener_is_high;
  rules::ZoneId in = from_opener ? entry->from : entry->to;
  rules::ZoneId out = from_opener ? entry->to : entry->from;
  Neighbours::Index sender = entry->neighbour[from_opener ? 0 : 1];
  Neighbours::Index next = entry->neighbour[from_opener ? 1 : 0];
  bool is_current = (entry->generation == generation_) & !entry->relayed & !entry->metered &
                    (in == burst_.zone) & (sender != Neighbours::none) & (next != Neighbours::none) &
                    (burst_.seconds - entry->last_seen <= flow::timeout_of(entry->state)) &
                    !entry->volume.is_full();
  if (!is_current) return false;

  const Neighbour &from = neighbours_[sender], &to = neighbours_[next];
  Door &door_in = doors_[burst_.zone][0], &door_out = doors_[out][0];
  bool is_addressed = mac_word_at(octets, 0) == mac_word(door_in.mac) || is_lenient();
  bool is_sender = !from.pinned || mac_word_at(octets, 6) == mac_word(from.mac);
  bool is_ready = to.pinned || options_.replay || neighbours_.is_fresh(next, burst_.seconds);
  std::uint32_t length = burst_.lengths[i];
  if (!(is_addressed & is_sender & is_ready & (length <= door_out.largest))) return false;

  // TCP or UDP is as good as random from one packet to the next: both are computed, one is taken.  The ends
  // of a UDP flow are nobody's.
  bool is_tcp = entry->state == flow::State::established;
  bool is_other = entry->state >= flow::State::one_way;
  std::uint8_t flags = wire::u8_at(octets, at::tcp_flags) & (wire::tcp_flag::ack | wire::tcp_flag::syn |
                                                           wire::tcp_flag::rst | wire::tcp_flag::fin);
  flow::TcpEnd &mine = entry->tcp[from_opener ? 0 : 1], &theirs = entry->tcp[from_opener ? 1 : 0];
  std::uint32_t sequence = wire::u32_at(octets, at::tcp_sequence);
  std::uint32_t acknowledgement = wire::u32_at(octets, at::tcp_acknowledgement);
  std::uint32_t headers = 34 + (wire::u8_at(octets, at::tcp_offset) >> 4) * 4u;
  std::uint32_t end = sequence + (length - headers);
  bool fits = (flags == wire::tcp_flag::ack) &
              flow::is_in_window(mine, theirs, sequence, end, acknowledgement);
  if (!((is_tcp & fits) | is_other)) return false;
  flow::note_segment(mine, theirs, end, acknowledgement, wire::u16_at(octets, at::tcp_window));
  bool is_answer = !from_opener & (entry->state == flow::State::one_way);
  entry->state = is_answer ? flow::State::two_way : entry->state;
  entry->last_seen = burst_.seconds;
  entry->volume.add(length);

  wire::put_mac(frame.data, 0, to.mac);
  wire::put_mac(frame.data, 6, door_out.mac);
  count_hop(frame.data);
  if (frame.length != length) pool_.set_length(frame, length); // no padding goes on
  leave(i, {.verdict = rules::Verdict::pass, .reason = Reason::none, .out = out, .rule = entry->rule_id()});
  return true;
}

} // namespace sekisho::path
