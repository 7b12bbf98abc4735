// Traffic that comes whether it is taken or not: what finds the card's ring full is lost.
#pragma once

#include "bench/packet/source.hh"

namespace sekisho::bench {

/// Frames of 64 octets at a given rate, a share of them from `listed`, the others from `flood`, by
/// the clock: what came since the last receive() waits in a ring of 1024 places.  While the thread
/// does not have its processor, nothing comes.
class Offered : public Source {
public:
  static constexpr std::size_t ring_places = 1024;

  using Source::Source;
  /// `mpps`: both together.  `with_fresh_ports`: each flood frame has another source port.
  void prepare(const std::vector<Octets> &listed, const std::vector<Octets> &flood, double mpps,
               double listed_share, bool with_fresh_ports = false);
  std::size_t receive(std::span<port::Frame> burst) override;
  /// Begins anew: nothing waits, nothing came.
  void restart();
  std::uint64_t listed_came() const { return listed_came_; }
  std::uint64_t came() const { return came_; }

private:
  void arrive();
  bool was_away();
  std::uint64_t listed_among(std::uint64_t first, std::uint64_t count) const;

  std::vector<std::array<std::byte, 64>> listed_, flood_;
  /// What comes, drawn beforehand, over and over: listed: its index; flood: the index with the top bit.  What
  /// waits in the ring is a stretch of it; what is lost is read from another place.
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> listed_before_; // in order_, before each place and before its end
  std::uint64_t next_ = 0, waiting_ = 0, lost_at_ = 0;
  double per_ns_ = 0;
  bool with_fresh_ports_ = false;
  std::uint16_t fresh_port_ = 0;
  std::uint64_t last_ns_ = 0, listed_came_ = 0, came_ = 0;
  double due_ = 0;
  long switches_ = 0;
};

} // namespace sekisho::bench
