// A segment: one header block, then a run of sealed records, all of one use of that segment.
//
//   header  magic u32 · sequence u64 · nonce u64 · after u64 · id of the key 8 · salt 32 · crc32c u32; twice, in two sectors
//   record  magic u32 · head u32 · sequence u64 · nonce u64 · id u64 · number u64 · batch u32 · body u32 · kind u8 · 0 0 0 ·
//           crc32c u32 of head and body · 0 u32 · crc32c u32 of what stands before
//           head, sealed · body, sealed (cipher.hh); padded to 16 octets; integers big-endian, head and body without tags
//
// A segment is used again without being cleared.  Its header is written and flushed before the first record
// of a use; records that carry another use are old.  `sequence` orders the uses of all segments.  `number` is the
// nonce of the seals: one after the other in a use, never twice; `batch` is the first number of what was flushed
// together.  Where a later batch is whole, an earlier one was acknowledged, and what is harmed in it or missing is damage,
// not a torn write.  So it is in the whole of a segment that the header of a later one names as `after`.
#pragma once

#include "base/result.hh"
#include "gateway/spool/cipher.hh"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace sekisho::spool {

enum class RecordKind : std::uint8_t {
  mail = 1,
  left = 2,
  done = 3,
  lost = 4, // a mail whose octets were harmed on disk and had to make room: what is known of it
};

constexpr std::size_t record_header = 64;
constexpr std::size_t record_align = 16;
constexpr std::uint64_t records_start = 4096; // a block of its own: a torn record cannot harm the header

struct Use {
  std::uint64_t sequence = 0, nonce = 0;
  std::uint64_t after = 0; // the use whose last record was flushed before this one began; 0: none of this process
  KeyId key{};
  Salt salt{};
  bool operator==(const Use &) const = default;
};
/// With a salt that no other use has.
Use new_use(std::uint64_t sequence, const Key &key);
/// Nothing: `keys` do not have its key.
std::unique_ptr<Cipher> cipher_of(const Use &use, const Keys &keys);

struct RecordHeader {
  std::uint64_t id = 0;
  std::uint64_t number = 0; // 1, 2, 3 … in a use, never twice
  std::uint32_t batch = 0;
  RecordKind kind = RecordKind::mail;
  std::uint32_t head = 0, body = 0; // octets
};

/// On disk, with header, tags and padding.
constexpr std::uint64_t record_size(std::uint64_t head, std::uint64_t body) {
  return (record_header + head + body + 2 * tag_size + record_align - 1) / record_align * record_align;
}

/// No file of segments is larger: one mail of the largest size that rules permit, alone in a segment.  What is larger is
/// none of ours, and is not read.
constexpr std::uint64_t max_segment = records_start + record_size(64u << 20, (1u << 30) + (1u << 20));

/// The whole record, as it goes to disk.  `header` without head and body; `into`: record_size() octets.
void seal(const Use &use, Cipher &cipher, RecordHeader header, Bytes head, Bytes body, std::span<std::byte> into);

/// Memory for records on their way to disk, used again for the next ones.  It lies within its page as in the file, which
/// lets the disk take it without a copy.
class RecordRoom {
public:
  /// For what will stand at `offset`, behind what was taken before.  What stands in it now is not said.
  std::span<std::byte> take(std::size_t size, std::uint64_t offset);
  /// All that was taken since clear(), in its order.
  std::vector<Bytes> pieces() const;
  void clear();

private:
  struct Block {
    std::unique_ptr<std::byte[]> octets;
    std::size_t size = 0, begin = 0, end = 0; // what is taken: [begin, end)
  };
  std::vector<Block> blocks_;
  std::size_t filled_ = 0; // blocks_ that have something
};

struct Record {
  RecordHeader header;
  std::uint64_t offset = 0; // in the segment
  std::uint64_t size = 0;   // on disk
  Bytes sealed_head, sealed_body;
  Bytes about; // the header's octets that the seals are bound to
  bool whole = false; // as it was written, by its checksum
};
/// The record that starts at `offset`, if one of this use does.  Whatever is of another use costs nothing: no mail
/// can make recovery compute checksums of what only looks like records.
std::optional<Record> read_record(Bytes segment, std::uint64_t offset, const Use &use);
/// Errors: not what was sealed under this key.
Result<Buffer> open_head(Cipher &cipher, const Record &record);
Result<Buffer> open_body(Cipher &cipher, const Record &record);

/// What stands in the header block; nothing: never used.  Errors: it cannot be read, or is of an earlier version.
Result<std::optional<Use>> read_use(Bytes segment);
Buffer encode_use(const Use &use);
/// It was written by a version that did not encrypt.
bool is_unsealed(Bytes segment);

struct Scan {
  std::uint64_t end = records_start; // behind the last record
  std::uint64_t damaged = 0;         // octets of what was acknowledged and is not whole, or not there
  std::uint64_t torn = 0;            // octets of what the last, interrupted batch left
};
/// Calls `each` for every whole record of this use, in order, and for one that was acknowledged and is harmed.
/// `closed`: another use came after it, so that all of it was acknowledged.
Scan scan(Bytes segment, const Use &use, bool closed, const std::function<void(const Record &)> &each);

} // namespace sekisho::spool
