#include "bench/packet/offered.hh"

#include "base/clock.hh"

#include <sys/resource.h>

#include <algorithm>
#include <cstring>

namespace sekisho::bench {
namespace {

constexpr std::uint32_t of_flood = 1u << 31;
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
  listed_of_1024_ = static_cast<std::uint64_t>(listed_share * 1024 + 0.5);
  with_fresh_ports_ = with_fresh_ports;
  restart();
}

void Offered::restart() {
  head_ = waiting_ = 0;
  listed_came_ = came_ = 0;
  due_ = 0;
  switches_ = switches();
  last_ns_ = monotonic_ns();
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
  for (; due_ >= 1; due_ -= 1) {
    ++came_;
    std::uint64_t draw = random_.next() >> 32;
    bool is_listed = (draw & 1023) < listed_of_1024_;
    listed_came_ += is_listed;
    if (waiting_ == ring_places) continue; // lost
    std::uint64_t of = is_listed ? listed_.size() : flood_.size();
    auto index = static_cast<std::uint32_t>((draw >> 10) * of >> 22);
    ring_[(head_ + waiting_++) % ring_places] = is_listed ? index : index | of_flood;
  }
}

std::size_t Offered::receive(std::span<port::Frame> burst) {
  arrive();
  std::size_t count = std::min(burst.size(), waiting_);
  count = port_.receive(burst.first(count));
  for (port::Frame &frame : burst.first(count)) {
    std::uint32_t index = ring_[head_];
    head_ = (head_ + 1) % ring_places;
    --waiting_;
    bool is_flood = index & of_flood;
    std::memcpy(frame.data, (is_flood ? flood_ : listed_)[index & ~of_flood].data(), 64);
    if (is_flood && with_fresh_ports_) set_source_port(frame.data, ++fresh_port_);
    frame.length = 64;
  }
  return count;
}

} // namespace sekisho::bench
