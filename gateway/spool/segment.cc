#include "gateway/spool/segment.hh"

#include "gateway/spool/crc32c.hh"

#include <algorithm>

namespace sekisho::spool {
namespace {

constexpr std::uint32_t magic = 0x736b7231; // "skr1"
constexpr std::uint32_t use_magic = 0x736b7530; // "sku0"
constexpr std::size_t crc_offset = 36;

std::uint32_t checksum(Bytes header, std::span<const Bytes> pieces) {
  constexpr std::byte zeros[4]{};
  std::uint32_t crc = crc32c(header.first(crc_offset));
  crc = crc32c(zeros, crc);
  for (Bytes piece : pieces) crc = crc32c(piece, crc);
  return crc;
}

} // namespace

HeaderOctets seal(const RecordHeader &header, std::span<const Bytes> pieces) {
  ByteWriter writer;
  writer.put_u32(magic);
  writer.put_u32(header.length);
  writer.put_u64(header.use.sequence);
  writer.put_u64(header.use.nonce);
  writer.put_u64(header.id);
  writer.put_u8(static_cast<std::uint8_t>(header.kind));
  writer.put_u8(0);
  writer.put_u16(0);
  writer.put_u32(checksum(writer.buffer(), pieces));
  HeaderOctets octets;
  std::copy(writer.buffer().begin(), writer.buffer().end(), octets.begin());
  return octets;
}

std::optional<Record> read_record(Bytes segment, std::uint64_t offset, const Use &use) {
  if (offset > segment.size()) return std::nullopt;
  const Bytes header_octets = segment.subspan(offset).first(
      std::min<std::uint64_t>(record_header, segment.size() - offset));
  ByteReader reader(segment.subspan(offset));
  if (reader.read_u32() != magic) return std::nullopt;
  Record record;
  record.header.length = reader.read_u32();
  record.header.use.sequence = reader.read_u64();
  record.header.use.nonce = reader.read_u64();
  if (record.header.use != use) return std::nullopt;
  record.header.id = reader.read_u64();
  const std::uint8_t kind = reader.read_u8();
  reader.skip(3);
  const std::uint32_t crc = reader.read_u32();
  record.payload = reader.take(record.header.length);
  if (reader.failed() || kind < 1 || kind > 3) return std::nullopt;
  if (checksum(header_octets, {&record.payload, 1}) != crc) return std::nullopt;
  record.header.kind = static_cast<RecordKind>(kind);
  record.offset = offset + record_header;
  return record;
}

Buffer encode_use(const Use &use) {
  ByteWriter writer;
  writer.put_u32(use_magic);
  writer.put_u64(use.sequence);
  writer.put_u64(use.nonce);
  writer.put_u32(crc32c(writer.buffer()));
  return writer.take();
}

std::optional<Use> read_use(Bytes segment) {
  ByteReader reader(segment);
  const std::uint32_t found_magic = reader.read_u32();
  Use use;
  use.sequence = reader.read_u64();
  use.nonce = reader.read_u64();
  const std::size_t length = reader.position();
  const std::uint32_t crc = reader.read_u32();
  if (reader.failed() || found_magic != use_magic) return std::nullopt;
  if (crc != crc32c(segment.first(length))) return std::nullopt;
  return use;
}

Scan scan(Bytes segment, const Use &use, const std::function<void(const Record &)> &each) {
  Scan found;
  std::uint64_t offset = records_start;
  while (offset + record_header <= segment.size()) {
    std::optional<Record> record = read_record(segment, offset, use);
    if (!record) {
      offset += record_align;
      continue;
    }
    found.skipped += offset - found.end;
    offset += record_size(record->header.length);
    found.end = offset;
    each(*record);
  }
  return found;
}

} // namespace sekisho::spool
