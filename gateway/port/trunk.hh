// Zones that share one wire by VLAN tags (IEEE 802.1Q).
//
// Every zone gets a Port of its own; its tag is taken off on receive and put on at transmit, so the path sees
// untagged frames only.  What bears another tag keeps it, and the path drops it by name (vlan-unlisted).
//
//   frame on the wire              goes to
//   no tag                         the zone without a tag; where none is, it gets the priority tag (VID 0) and
//                                  is a stray
//   8100 101                       the zone with tag 101
//   88a8 or 8100 200, 8100 101     the zone with tag 200.101 (QinQ, IEEE 802.1ad), else that with 200, inner
//                                  tag in place
//   other                          a stray: to the zone without a tag, or the first, tag in place
#pragma once

#include "gateway/port/port.hh"

#include <array>
#include <memory>
#include <vector>

namespace sekisho::port {

struct VlanTag {
  std::uint16_t outer = 0, inner = 0; // VIDs; 0: none
  bool operator==(const VlanTag &) const = default;
};

class Trunk {
public:
  /// Both are borrowed.  One thread's alone.
  Trunk(Port &wire, FramePool &pool);
  ~Trunk();

  /// The port of the zone with this tag; each tag once, before the first frame.
  Port &add(VlanTag tag);

private:
  class Branch;
  static constexpr std::size_t burst_limit = 64;

  void poll();
  Branch &take_off(Frame &frame);
  Branch *branch_of(VlanTag tag) const;
  Branch &stray(Frame &frame, bool is_tagged);
  std::size_t send(std::span<const Frame> frames, VlanTag tag);

  Port &wire_;
  FramePool &pool_;
  std::vector<std::unique_ptr<Branch>> branches_;
};

} // namespace sekisho::port
