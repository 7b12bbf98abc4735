#include "bench/packet/source.hh"

#include "gateway/wire/octets.hh"

#include <cstring>

namespace sekisho::bench {

Flow Numbered::flow(std::uint64_t number) {
  Flow flow{.source = static_cast<unsigned>(number % 16),
            .destination = static_cast<unsigned>(number / 16 % 16),
            .source_port = static_cast<std::uint16_t>(1024 + number / pairs),
            .destination_port = 443};
  flow.protocol = (flow.source ^ flow.destination) & 1 ? protocol::tcp : protocol::udp;
  return flow;
}

Numbered::Numbered(port::Port &port, unsigned zone) : Source(port), zone_(zone) {
  for (unsigned number = 0; number < pairs; ++number) {
    Octets frame = make_frame(spec_of(flow(number), zone_, mac()));
    std::memcpy(frames_[number].data(), frame.data(), sizeof(Template));
  }
}

void Numbered::prepare(std::uint64_t flows) {
  flows_ = flows;
  random_ = Random();
}

std::size_t Numbered::receive(std::span<port::Frame> burst) {
  std::size_t count = port_.receive(burst);
  const std::size_t port_at = zone_ == 0 ? source_port_at : destination_port_at;
  const std::size_t complement = complement_at + (zone_ == 0 ? 0 : 2);
  for (port::Frame &frame : burst.first(count)) {
    std::uint64_t number = random_.below(flows_);
    std::memcpy(frame.data, frames_[number % pairs].data(), sizeof(Template));
    auto port = static_cast<std::uint16_t>(1024 + number / pairs);
    wire::put_u16(frame.data, port_at, port);
    wire::put_u16(frame.data, complement, static_cast<std::uint16_t>(~port));
    frame.length = sizeof(Template);
  }
  return count;
}

void Listed::prepare(const std::vector<Octets> &frames, Order order) {
  order_ = order;
  next_ = 0;
  random_ = Random();
  slots_.clear();
  std::size_t total = 64;
  for (const Octets &frame : frames)
    total += (frame.size() + 63) / 64 * 64;
  octets_.assign(total, std::byte{});
  std::size_t at = (64 - reinterpret_cast<std::uintptr_t>(octets_.data()) % 64) % 64;
  for (const Octets &frame : frames) {
    std::memcpy(&octets_[at], frame.data(), frame.size());
    slots_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(frame.size())});
    at += (frame.size() + 63) / 64 * 64;
  }
}

std::size_t Listed::receive(std::span<port::Frame> burst) {
  std::size_t count = port_.receive(burst);
  for (port::Frame &frame : burst.first(count)) {
    std::size_t at = order_ == Order::random ? random_.below(slots_.size()) : next_++;
    if (next_ == slots_.size()) next_ = 0;
    const Slot &slot = slots_[at];
    std::memcpy(frame.data, &octets_[slot.offset], slot.length);
    frame.length = slot.length;
  }
  return count;
}

void Fresh::prepare(std::vector<Octets> frames) {
  frames_ = std::move(frames);
  next_ = 0;
  source_port_ = 1024;
}

std::size_t Fresh::receive(std::span<port::Frame> burst) {
  std::size_t count = port_.receive(burst);
  for (port::Frame &frame : burst.first(count)) {
    Octets &octets = frames_[next_];
    std::memcpy(frame.data, octets.data(), 64);
    frame.length = 64;
    set_source_port(frame.data, source_port_);
    if (++next_ == frames_.size()) {
      next_ = 0;
      if (++source_port_ == 0) source_port_ = 1024;
    }
  }
  return count;
}

} // namespace sekisho::bench
