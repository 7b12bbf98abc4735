// Virtual reassembly: fragments wait until their datagram is whole, are judged once as what they
// are together, and go on as they came (RFC 791 §3.2, RFC 8200 §4.5).  Nothing is put together in
// memory.
//
// What an attacker could aim at is bounded: datagrams and fragments, of all, of a zone, of a
// source; the time they wait; the work for each (a keyed hash, a binary search, a few steps of the
// clock).  A datagram whose fragments overlap or contradict each other is lost as a whole and stays
// so until its time is over (RFC 5722).
#pragma once

#include "gateway/path/burst.hh"

#include <functional>
#include <memory>

namespace sekisho::path {

struct ReassemblyLimits {
  std::uint16_t datagrams = 1024;      // at once, lost ones still remembered included
  std::uint16_t source_datagrams = 64; // of one source address of a zone
  std::uint16_t frames = 2048;         // held at once; the pool must have as many to spare
  std::uint8_t fragments = 64;         // of one datagram; 45 of 1500 octets make the longest
  std::uint32_t seconds = 15;          // from a datagram's first fragment on, RFC 791 §3.2
  // A zone may take three quarters of the datagrams and frames: a flood in one leaves room for the
  // others.
};

/// One fragment on its way in: `headers` as wire::parse left them with Reason::ip_fragment.
struct Fragment {
  rules::ZoneId zone = rules::no_zone; // it came from
  Side side = Side::port;
  const wire::Headers *headers = nullptr;
  port::Frame frame;
};

/// Which datagram (RFC 791 §3.2, RFC 8200 §4.5), as its sender's: the MAC counts, so that nobody
/// else's fragment is ever put to it.
struct DatagramKey {
  Ip source, destination;
  std::uint32_t id = 0;
  Mac source_mac;
  std::uint8_t protocol = 0; // IPv4 only
  rules::ZoneId zone = rules::no_zone;
  std::uint8_t side = 0;
  std::uint8_t zero[3] = {}; // so that a key compares and hashes as its octets

  bool operator==(const DatagramKey &other) const {
    return std::memcmp(this, &other, sizeof other) == 0;
  }
};
static_assert(sizeof(DatagramKey) == 48 && std::has_unique_object_representations_v<DatagramKey>);

class Reassembly {
public:
  enum class Outcome : std::uint8_t {
    refused,  // for `reason`: the fragment stays the caller's, to drop
    held,     // it is ours until the datagram is whole or lost
    complete, // all fragments of the datagram are the caller's again, this one among them
  };
  struct Result {
    Outcome outcome = Outcome::refused;
    Reason reason = Reason::none;
    /// When complete: in order of their offsets, the first fragment first; until the next call.
    std::span<const port::Frame> frames = {};
    std::size_t data_length = 0; // of the datagram, for wire::parse_reassembled
  };
  /// Held fragments that are lost, before they go back to the pool: to be counted and recorded.
  using Lost = std::function<void(const DatagramKey &, Reason, std::span<const port::Frame>)>;

  Reassembly(const ReassemblyLimits &limits, const flow::HashKey &key, port::FramePool &pool,
             Lost lost);
  /// Releases what is held, without telling.
  ~Reassembly();
  Reassembly(const Reassembly &) = delete;
  Reassembly &operator=(const Reassembly &) = delete;

  /// Refused: fragment_overlap, fragment_malformed (behind the end, or two ends),
  /// fragment_duplicate, fragment_too_many, fragment_source_limit, fragment_table_full.
  Result add(const Fragment &fragment, std::uint32_t now);
  /// Forgets at most `most` datagrams whose time is over; as fragment_timeout what they still held.
  void sweep(std::uint32_t now, std::size_t most);
  /// Forgets all datagrams that came from these zones (bit z), for `reason`.
  void forget(std::uint32_t zones, Reason reason);

  std::size_t datagrams() const { return datagram_count_; }
  std::size_t frames() const { return frame_count_; }

private:
  using Index = std::uint16_t;
  static constexpr Index none = 0xffff;
  static constexpr std::size_t most_fragments = 128;

  /// One fragment of a datagram: where its data lie in it, and the frame that has them.
  struct Piece {
    std::uint16_t begin, end;
    Index frame;
  };
  struct Datagram {
    DatagramKey key;
    std::uint32_t born = 0;
    std::uint32_t hash = 0;
    Index next_in_bucket = none, older = none, younger = none;
    Index source = none;
    Reason lost = Reason::none; // why the whole datagram is; then it holds nothing
    std::uint8_t count = 0;     // of pieces
    std::uint16_t end = 0;      // of the data, once the last fragment is there; else 0
    std::uint16_t octets = 0;   // of all pieces
  };
  struct Held {
    port::Frame frame;
    std::uint16_t data; // where they begin in the frame
    Index next_free;
  };
  struct Source {
    Ip ip;
    std::uint32_t hash;
    rules::ZoneId zone;
    Index next, count;
  };

  std::uint32_t hash_of(const void *octets, std::size_t size) const;
  Index find(const DatagramKey &key, std::uint32_t hash) const;
  Index open(const DatagramKey &key, std::uint32_t hash, std::uint32_t now, Reason &reason);
  void close(Index index);
  Reason place(Index index, const Fragment &fragment, std::size_t &at) const;
  Reason check_end(const Datagram &datagram, const wire::Headers &headers, std::size_t end) const;
  bool is_same(const Piece &piece, const Fragment &fragment) const;
  void hold(Index index, const Fragment &fragment, std::size_t at);
  bool is_whole(const Datagram &datagram) const {
    return datagram.end != 0 && datagram.octets == datagram.end;
  }
  Result complete(Index index);
  /// The held frames of a datagram into released_, their places free again.
  std::span<const port::Frame> take_frames(Index index);
  void lose(Index index, Reason reason);

  Index find_source(const Ip &ip, rules::ZoneId zone, std::uint32_t hash) const;
  Index count_source(const Ip &ip, rules::ZoneId zone);
  void uncount_source(Index index);

  std::span<Piece> pieces(Index index) {
    return {&pieces_[index * limits_.fragments], limits_.fragments};
  }
  std::span<const Piece> pieces(Index index) const {
    return {&pieces_[index * limits_.fragments], limits_.fragments};
  }
  std::size_t share(std::size_t all) const { return all - all / 4; }

  ReassemblyLimits limits_;
  std::uint64_t key_[2];
  port::FramePool &pool_;
  Lost lost_;
  std::uint32_t mask_; // of both bucket arrays
  std::vector<Index> buckets_, source_buckets_;
  std::vector<Datagram> datagrams_;
  std::vector<Piece> pieces_; // limits_.fragments for each datagram, in order of their offsets
  std::vector<Source> sources_;
  std::vector<Held> held_;
  Index free_datagram_ = 0, free_source_ = 0, free_frame_ = 0; // chains of free places
  Index oldest_ = none, youngest_ = none;
  std::size_t datagram_count_ = 0, frame_count_ = 0;
  std::array<std::uint16_t, rules::max_zones> zone_datagrams_{}, zone_frames_{};
  std::array<port::Frame, most_fragments> taken_;
};

} // namespace sekisho::path
