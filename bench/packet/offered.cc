#include "bench/packet/offered.hh"

#include "base/clock.hh"

#include <sys/resource.h>

#include <algorithm>
#include <cstring>

namespace sekisho::bench {
namespace {

constexpr std::uint32_t of_flood = 1u << 31;
constexpr std::size_t drawn = 1u << 16; // packets of the order
constexpr std::uint64_t long_gap = 20'000; // ns: time to ask whether the processor was taken away

std::vector<std::array<std::byte, 64>> whole(const std::vector<Octets> &frames) {
  std::vector<std::array<std::byte, 64>> result(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i)
    std::memcpy(result[i].data(), frames[i].data(), 64);
  return result;
}

long switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw + usage.ru_nvcsw;
}

} // namespace

void Offered::prepare(const std::vector<Octets> &listed, const std::vector<Octets> &flood,
                      double mpps, double listed_share, bool with_fresh_ports) {
  listed_ = whole(listed);
  flood_ = whole(flood);
  per_ns_ = mpps / 1e3;
  with_fresh_ports_ = with_fresh_ports;
  Random random;
  order_.clear();
  listed_before_.assign(1, 0);
  for (std::size_t i = 0; i < drawn; ++i) {
    bool is_listed = static_cast<double>(random.below(1u << 20)) < listed_share * (1u << 20);
    auto index = static_cast<std::uint32_t>(random.below(is_listed ? listed_.size() : flood_.size()));
    order_.push_back(is_listed ? index : index | of_flood);
    listed_before_.push_back(listed_before_.back() + is_listed);
  }
  restart();
}

void Offered::restart() {
  next_ = waiting_ = lost_at_ = 0;
  listed_came_ = came_ = 0;
  due_ = 0;
  switches_ = switches();
  last_ns_ = monotonic_ns();
}

/// Of `count` that come, from the place `first` of the order on.
std::uint64_t Offered::listed_among(std::uint64_t first, std::uint64_t count) const {
  auto before = [&](std::uint64_t place) {
    return place / drawn * listed_before_[drawn] + listed_before_[place % drawn];
  };
  return before(first + count) - before(first);
}

bool Offered::was_away() {
  long before = switches_;
  switches_ = switches();
  return switches_ != before;
}

void Offered::arrive() {
  std::uint64_t now = monotonic_ns(), gap = now - last_ns_;
  last_ns_ = now;
  if (gap > long_gap && was_away()) return;
  due_ += static_cast<double>(gap) * per_ns_;
  auto came = static_cast<std::uint64_t>(due_);
  due_ -= static_cast<double>(came);
  std::uint64_t taken = std::min(came, ring_places - waiting_), lost = came - taken;
  came_ += came;
  listed_came_ += listed_among(next_ + waiting_, taken) + listed_among(lost_at_, lost);
  waiting_ += taken;
  lost_at_ += lost;
}

std::size_t Offered::receive(std::span<port::Frame> burst) {
  arrive();
  std::size_t count = port_.receive(burst.first(std::min<std::uint64_t>(burst.size(), waiting_)));
  waiting_ -= count;
  for (port::Frame &frame : burst.first(count)) {
    std::uint32_t index = order_[next_++ % drawn];
    bool is_flood = index & of_flood;
    std::memcpy(frame.data, (is_flood ? flood_ : listed_)[index & ~of_flood].data(), 64);
    if (is_flood && with_fresh_ports_) set_source_port(frame.data, ++fresh_port_);
    frame.length = 64;
  }
  return count;
}

} // namespace sekisho::bench
