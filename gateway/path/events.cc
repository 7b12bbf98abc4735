#include "gateway/path/events.hh"

namespace sekisho::path {
namespace {

bool are_alike(const Event &a, const Event &b) {
  return a.reason == b.reason && a.zone == b.zone && a.destination_port == b.destination_port &&
         a.protocol == b.protocol && a.source == b.source && a.destination == b.destination &&
         a.from_kernel == b.from_kernel;
}

} // namespace

void Refusals::add(const Event &refusal) {
  Event *of_its_kind = nullptr;
  for (std::size_t i = 0; i < used_; ++i) {
    Event &group = groups_[i];
    if (group.reason != refusal.reason || group.zone != refusal.zone) continue;
    if (are_alike(group, refusal)) {
      ++group.count;
      return;
    }
    if (!of_its_kind) of_its_kind = &group;
  }
  if (used_ < detailed || (!of_its_kind && used_ < groups_.size()))
    groups_[used_++] = refusal;
  else
    ++(of_its_kind ? of_its_kind->count : beyond_);
}

std::size_t Refusals::flush(EventRing &ring, std::uint64_t now_ns) {
  std::size_t lost = beyond_;
  for (std::size_t i = 0; i < used_; ++i)
    if (!ring.push(groups_[i])) ++lost;
  used_ = 0;
  beyond_ = 0;
  sent_at_ = now_ns;
  return lost;
}

} // namespace sekisho::path
