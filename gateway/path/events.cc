#include "gateway/path/events.hh"

namespace sekisho::path {
namespace {

bool are_alike(const Event &a, const Event &b) {
  return a.reason == b.reason && a.zone == b.zone && a.destination_port == b.destination_port &&
         a.protocol == b.protocol && a.source == b.source && a.destination == b.destination &&
         a.from_kernel == b.from_kernel;
}

std::uint32_t print_of(const Event &event) {
  std::uint64_t words[4];
  std::memcpy(words, &event.source, 16);
  std::memcpy(words + 2, &event.destination, 16);
  std::uint64_t rest = std::uint64_t{event.destination_port} << 32 | event.protocol << 24 |
                       event.zone << 16 | static_cast<unsigned>(event.reason) << 8 | event.from_kernel;
  for (std::uint64_t word : words) rest = (rest ^ word) * 0x9e3779b97f4a7c15;
  return static_cast<std::uint32_t>(rest >> 32);
}

} // namespace

Refusals::Refusals() {
  for (auto &zone : first_) zone.fill(no_group);
}

void Refusals::add(const Event &refusal) {
  std::uint32_t print = print_of(refusal);
  for (std::size_t i = 0; i < used_; ++i) {
    if (prints_[i] != print || !are_alike(groups_[i], refusal)) continue;
    ++groups_[i].count;
    return;
  }
  std::uint8_t &first = first_[refusal.zone][static_cast<std::size_t>(refusal.reason)];
  if (used_ < detailed || (first == no_group && used_ < capacity)) {
    if (first == no_group) first = static_cast<std::uint8_t>(used_);
    prints_[used_] = print;
    groups_[used_++] = refusal;
  } else {
    ++(first == no_group ? beyond_ : groups_[first].count);
  }
}

std::size_t Refusals::flush(EventRing &ring, std::uint64_t now_ns) {
  std::size_t lost = beyond_;
  for (std::size_t i = 0; i < used_; ++i) {
    first_[groups_[i].zone][static_cast<std::size_t>(groups_[i].reason)] = no_group;
    if (!ring.push(groups_[i])) ++lost;
  }
  used_ = 0;
  beyond_ = 0;
  sent_at_ = now_ns;
  return lost;
}

} // namespace sekisho::path
