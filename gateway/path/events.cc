#include "gateway/path/events.hh"

namespace sekisho::path {
namespace {

Event event_of(const Refusal &refusal, std::uint64_t count) {
  const rules::PacketSubject &who = refusal.who;
  return {.kind = Event::Kind::packets_refused,
          .reason = refusal.reason,
          .zone = who.from,
          .from_kernel = who.from_kernel,
          .protocol = who.protocol,
          .source_mac = who.source_mac,
          .source = who.source,
          .destination = who.destination,
          .source_port = who.source_port,
          .destination_port = who.destination_port,
          .rule = refusal.rule,
          .count = count,
          .time = refusal.time};
}

bool belongs_to(const Event &group, const Refusal &refusal) {
  const rules::PacketSubject &who = refusal.who;
  return group.reason == refusal.reason && group.zone == who.from &&
         group.destination_port == who.destination_port && group.protocol == who.protocol &&
         group.source == who.source && group.destination == who.destination &&
         group.from_kernel == who.from_kernel;
}

std::uint32_t print_of(const Refusal &refusal) {
  const rules::PacketSubject &who = refusal.who;
  auto source = who.source.words(), destination = who.destination.words();
  std::uint64_t rest = std::uint64_t{who.destination_port} << 32 | who.protocol << 24 | who.from << 16 |
                       static_cast<unsigned>(refusal.reason) << 8 | who.from_kernel;
  // Of IPv4 the first words are always the same; two chains wait less than one.
  std::uint64_t one = (source[0] ^ source[1] ^ rest) * 0x9e3779b97f4a7c15;
  std::uint64_t other = (destination[0] * 3 ^ destination[1]) * 0xd1b54a32d192ed03;
  return static_cast<std::uint32_t>((one ^ other >> 32) * 0x9e3779b97f4a7c15 >> 32);
}

} // namespace

Refusals::Refusals() {
  for (auto &zone : first_) zone.fill(no_group);
}

void Refusals::add(const Refusal &refusal, std::uint64_t count) {
  const std::uint32_t print = print_of(refusal);
  std::size_t at = print % places_.size();
  for (; places_[at].group != no_group; at = (at + 1) % places_.size()) {
    Event &group = groups_[places_[at].group];
    if (places_[at].print != print || !belongs_to(group, refusal)) continue;
    group.count += count;
    return;
  }
  Group &first = first_[refusal.who.from][static_cast<std::size_t>(refusal.reason)];
  bool is_first = first == no_group;
  if (used_ >= detailed && !(is_first && used_ < capacity)) {
    (is_first ? beyond_ : groups_[first].count) += count;
    return;
  }
  auto group = static_cast<Group>(used_);
  if (is_first) first = group;
  places_[at] = {print, group};
  groups_[used_++] = event_of(refusal, count);
}

std::size_t Refusals::flush(EventRing &ring, std::uint64_t now_ns) {
  std::size_t lost = beyond_;
  for (std::size_t i = 0; i < used_; ++i) {
    first_[groups_[i].zone][static_cast<std::size_t>(groups_[i].reason)] = no_group;
    if (!ring.push(groups_[i])) ++lost;
  }
  places_.fill({});
  used_ = 0;
  beyond_ = 0;
  sent_at_ = now_ns;
  return lost;
}

} // namespace sekisho::path
