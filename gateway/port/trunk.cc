#include "gateway/port/trunk.hh"

#include "base/check.hh"

#include <algorithm>
#include <cstring>

namespace sekisho::port {
namespace {

constexpr std::size_t macs_size = 12;
constexpr std::uint16_t customer_tag = 0x8100; // 802.1Q: C-VLAN
constexpr std::uint16_t service_tag = 0x88a8;  // 802.1ad: S-VLAN
constexpr std::uint32_t tag_size = 4;
constexpr std::uint16_t vid_mask = 0x0fff; // priority and drop eligibility are nobody's business here

std::uint16_t u16_at(const Frame &frame, std::size_t offset) {
  return static_cast<std::uint16_t>(std::to_integer<unsigned>(frame.data[offset]) << 8 |
                                    std::to_integer<unsigned>(frame.data[offset + 1]));
}
void put_u16(Frame &frame, std::size_t offset, std::uint16_t value) {
  frame.data[offset] = static_cast<std::byte>(value >> 8);
  frame.data[offset + 1] = static_cast<std::byte>(value);
}

/// The addresses move over the tags, which lie between them and the EtherType.
void remove_tags(FramePool &pool, Frame &frame, std::uint32_t octets) {
  std::memmove(frame.data + octets, frame.data, macs_size);
  pool.strip_front(frame, octets);
}

bool put_tags(FramePool &pool, Frame &frame, VlanTag tag, std::uint32_t octets) {
  if (!pool.grow_front(frame, octets)) return false;
  std::memmove(frame.data, frame.data + octets, macs_size);
  bool is_double = octets == 2 * tag_size;
  put_u16(frame, macs_size, is_double ? service_tag : customer_tag);
  put_u16(frame, macs_size + 2, tag.outer);
  if (!is_double) return true;
  put_u16(frame, macs_size + tag_size, customer_tag);
  put_u16(frame, macs_size + tag_size + 2, tag.inner);
  return true;
}

} // namespace

/// One zone's end: frames of its tag wait here until the path asks for them.
class Trunk::Branch : public Port {
public:
  Branch(Trunk &trunk, VlanTag tag) : trunk_(trunk), tag_(tag) {}

  VlanTag tag() const { return tag_; }
  bool has_room() const { return waiting_ + burst_limit <= frames_.size(); }
  void put(const Frame &frame) { frames_[(first_ + waiting_++) % frames_.size()] = frame; }

  std::size_t receive(std::span<Frame> burst) override {
    if (waiting_ == 0) trunk_.poll();
    std::size_t count = std::min(burst.size(), waiting_);
    for (std::size_t i = 0; i < count; ++i) burst[i] = frames_[(first_ + i) % frames_.size()];
    first_ = (first_ + count) % frames_.size();
    waiting_ -= count;
    return count;
  }
  std::size_t transmit(std::span<const Frame> frames) override { return trunk_.send(frames, tag_); }
  const Mac &mac() const override { return trunk_.wire_.mac(); }
  std::string_view name() const override { return trunk_.wire_.name(); }

private:
  Trunk &trunk_;
  VlanTag tag_;
  std::array<Frame, 4 * burst_limit> frames_;
  std::size_t first_ = 0, waiting_ = 0;
};

Trunk::Trunk(Port &wire, FramePool &pool) : wire_(wire), pool_(pool) {}
Trunk::~Trunk() = default;

Port &Trunk::add(VlanTag tag) {
  CHECK(!branch_of(tag) && tag.outer <= vid_mask && tag.inner <= vid_mask);
  branches_.push_back(std::make_unique<Branch>(*this, tag));
  return *branches_.back();
}

/// A burst from the wire, unless it could overflow a branch that its zone does not empty fast enough: then
/// frames wait on the wire, whose losses are counted there.
void Trunk::poll() {
  for (const auto &branch : branches_)
    if (!branch->has_room()) return;
  std::array<Frame, burst_limit> burst;
  std::size_t count = wire_.receive(burst);
  for (Frame &frame : std::span(burst).first(count)) {
    Branch &branch = take_off(frame); // moves the frame's data
    branch.put(frame);
  }
}

Trunk::Branch *Trunk::branch_of(VlanTag tag) const {
  for (const auto &branch : branches_)
    if (branch->tag() == tag) return branch.get();
  return nullptr;
}

Trunk::Branch &Trunk::take_off(Frame &frame) {
  if (frame.length < macs_size + 2) return stray(frame, true); // the path names it
  std::uint16_t type = u16_at(frame, macs_size);
  bool is_tagged = type == customer_tag || type == service_tag;
  if (!is_tagged) return stray(frame, false);
  if (frame.length < macs_size + tag_size + 2) return stray(frame, true);

  std::uint16_t outer = u16_at(frame, macs_size + 2) & vid_mask;
  if (outer == 0) return stray(frame, true); // only a priority: no VLAN
  if (frame.length >= macs_size + 2 * tag_size + 2 &&
      u16_at(frame, macs_size + tag_size) == customer_tag) {
    std::uint16_t inner = u16_at(frame, macs_size + tag_size + 2) & vid_mask;
    if (Branch *branch = inner != 0 ? branch_of({outer, inner}) : nullptr) {
      remove_tags(pool_, frame, 2 * tag_size);
      return *branch;
    }
  }
  Branch *branch = type == customer_tag ? branch_of({.outer = outer}) : nullptr;
  if (!branch) return stray(frame, true);
  remove_tags(pool_, frame, tag_size);
  return *branch;
}

/// An untagged frame on a wire whose zones all have tags must not be taken for one of theirs.
Trunk::Branch &Trunk::stray(Frame &frame, bool is_tagged) {
  Branch *untagged = branch_of({});
  if (!untagged && !is_tagged && !put_tags(pool_, frame, {}, tag_size))
    pool_.set_length(frame, 0); // no frame at all is refused too
  return untagged ? *untagged : *branches_.front();
}

std::size_t Trunk::send(std::span<const Frame> frames, VlanTag tag) {
  if (tag == VlanTag{}) return wire_.transmit(frames);
  std::uint32_t octets = tag.inner != 0 ? 2 * tag_size : tag_size;
  std::size_t sent = 0;
  while (sent < frames.size()) {
    std::array<Frame, burst_limit> tagged;
    std::size_t count = std::min(frames.size() - sent, burst_limit), ready = 0;
    std::copy_n(frames.begin() + static_cast<std::ptrdiff_t>(sent), count, tagged.begin());
    while (ready < count && put_tags(pool_, tagged[ready], tag, octets)) ++ready;
    std::size_t out = ready > 0 ? wire_.transmit(std::span(tagged).first(ready)) : 0;
    pool_.release(std::span(tagged).subspan(ready, count - ready));
    sent += out;
    if (out < count) {
      pool_.release(frames.subspan(sent - out + count));
      break;
    }
  }
  return sent;
}

} // namespace sekisho::port
