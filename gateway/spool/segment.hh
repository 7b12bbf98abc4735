// A segment: one header block, then a run of records, all of one use of that segment.
//
//   header  magic u32 · sequence u64 · nonce u64 · crc32c u32
//   record  magic u32 · length u32 · sequence u64 · nonce u64 · id u64 · kind u8 · 0 0 0 · crc32c u32 · payload
//           padded to 16 octets; integers big-endian; crc over the header (without it) and the payload
//
// A segment is used again without being cleared.  Its header is written and flushed before the first record
// of a use; records that carry another use are old.  `sequence` orders the uses of all segments, `nonce` is
// random, so that no mail can carry a record in its text that would be taken for one after damage.
#pragma once

#include "base/bytes.hh"

#include <array>
#include <functional>
#include <optional>
#include <vector>

namespace sekisho::spool {

enum class RecordKind : std::uint8_t { mail = 1, left = 2, done = 3 };

constexpr std::size_t record_header = 40;
constexpr std::size_t record_align = 16;
constexpr std::uint64_t records_start = 4096; // a block of its own: a torn record cannot harm the header

struct Use {
  std::uint64_t sequence = 0, nonce = 0;
  bool operator==(const Use &) const = default;
};

struct RecordHeader {
  Use use;
  std::uint64_t id = 0;
  RecordKind kind = RecordKind::mail;
  std::uint32_t length = 0; // of the payload
};

constexpr std::uint64_t record_size(std::uint64_t payload) {
  return (record_header + payload + record_align - 1) / record_align * record_align;
}

using HeaderOctets = std::array<std::byte, record_header>;
/// `pieces` together are the payload.
HeaderOctets seal(const RecordHeader &header, std::span<const Bytes> pieces);

struct Record {
  RecordHeader header;
  std::uint64_t offset = 0; // of the payload in the segment
  Bytes payload;            // into the segment's octets
};
/// The record that starts at `offset`, if a whole and unharmed one of this use does.  Whatever is of another
/// use costs nothing: no mail can make recovery compute checksums of what only looks like records.
std::optional<Record> read_record(Bytes segment, std::uint64_t offset, const Use &use);

/// What stands in the header block; nothing: never used, or torn while a use began.
std::optional<Use> read_use(Bytes segment);
Buffer encode_use(const Use &use);

struct Scan {
  std::uint64_t end = records_start; // behind the last record
  std::uint64_t skipped = 0;         // octets between records that are none: damage, or a torn write
};
/// Calls `each` for every record of this use, in order.  Damage in the middle is passed over: what stands
/// behind it may have been acknowledged.
Scan scan(Bytes segment, const Use &use, const std::function<void(const Record &)> &each);

} // namespace sekisho::spool
