// The evidence files: a fixed number of segments written in turn, each a whole capture of its own, so that
// what is newest is there and the room is bounded.  The writer has descriptors only; it opens nothing.
#pragma once

#include "base/result.hh"
#include "gateway/evidence/pcapng.hh"

namespace sekisho::evidence {

constexpr std::size_t segment_count = 8;
constexpr std::size_t least_size = 1u << 20; // octets of all segments together
constexpr std::uint32_t snap_length = 256;   // octets of a packet

/// "segment-0.pcapng"
std::string segment_name(std::size_t number);
/// What stands in a segment's section comment; the number rises by one with every segment begun.
std::string title_of(std::uint64_t sequence);
std::optional<std::uint64_t> sequence_of(std::string_view title);

class Segments {
public:
  /// `fds`: borrowed, may be read and written; `size`: octets of all together.  Looks which was begun last;
  /// nothing is overwritten before the first packet.
  Segments(std::vector<int> fds, std::uint64_t size, std::vector<Interface> interfaces);

  void add(const Packet &packet);
  void add(const Statistics &statistics);
  /// Writes what was added.  Errors: the disk does not take it; those packets are lost.
  Result<void> flush();

private:
  void make_room();
  Result<void> begin();

  std::vector<int> fds_;
  std::uint64_t segment_size_;
  std::vector<Interface> interfaces_;
  std::uint64_t next_sequence_ = 1;
  std::size_t next_ = 0;  // of fds_: to be begun next
  int fd_ = -1;           // being written; none yet
  std::uint64_t at_ = 0;  // octets written to it
  Buffer waiting_;
  Result<void> trouble_;
};

} // namespace sekisho::evidence
