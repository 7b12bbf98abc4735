#include "gateway/spool/segment.hh"

#include "base/check.hh"
#include "gateway/spool/crc32c.hh"
#include "gateway/spool/disk.hh"

#include <algorithm>

namespace sekisho::spool {
namespace {

constexpr std::uint32_t magic = 0x736b7232;           // "skr2"
constexpr std::uint32_t use_magic = 0x736b7531;       // "sku1"
constexpr std::uint32_t unsealed_magic = 0x736b7530;  // "sku0": of versions that did not encrypt
constexpr std::size_t second_use = 2048;              // where the header stands again
constexpr std::size_t about_size = 52;                // what the seals are bound to
constexpr std::size_t header_crc = record_header - 4; // its offset

ByteWriter write_about(const Use &use, const RecordHeader &header) {
  ByteWriter writer;
  writer.put_u32(magic);
  writer.put_u32(header.head);
  writer.put_u64(use.sequence);
  writer.put_u64(use.nonce);
  writer.put_u64(header.id);
  writer.put_u64(header.number);
  writer.put_u32(header.batch);
  writer.put_u32(header.body);
  writer.put_u8(static_cast<std::uint8_t>(header.kind));
  writer.put_u8(0);
  writer.put_u16(0);
  return writer;
}

Result<Buffer> open_piece(Cipher &cipher, std::uint64_t number, const Record &record, Bytes sealed) {
  Buffer plain(sealed.size() - tag_size);
  if (!cipher.open(number, record.about, sealed, plain.data())) return fail("damaged record on disk");
  return plain;
}

std::optional<Use> read_use_at(Bytes segment, std::size_t offset) {
  if (segment.size() < offset) return std::nullopt;
  const Bytes octets = segment.subspan(offset);
  ByteReader reader(octets);
  if (reader.read_u32() != use_magic) return std::nullopt;
  Use use;
  use.sequence = reader.read_u64();
  use.nonce = reader.read_u64();
  use.after = reader.read_u64();
  std::ranges::copy(reader.take(use.key.size()), use.key.begin());
  std::ranges::copy(reader.take(use.salt.size()), use.salt.begin());
  const std::size_t length = reader.position();
  const std::uint32_t crc = reader.read_u32();
  if (reader.failed() || crc != crc32c(octets.first(length))) return std::nullopt;
  return use;
}

bool is_zero(Bytes octets) {
  return std::ranges::all_of(octets, [](std::byte octet) { return octet == std::byte{}; });
}

} // namespace

Use new_use(std::uint64_t sequence, const Key &key) {
  Use use{sequence, 0, 0, key.id, {}};
  std::array<std::byte, 8> nonce;
  fill_random(nonce);
  use.nonce = ByteReader(nonce).read_u64();
  fill_random(use.salt);
  return use;
}

std::unique_ptr<Cipher> cipher_of(const Use &use, const Keys &keys) {
  const Key *key = keys.find(use.key);
  return key ? std::make_unique<Cipher>(*key, use.salt, "sekisho spool segment") : nullptr;
}

void seal(const Use &use, Cipher &cipher, RecordHeader header, Bytes head, Bytes body, std::span<std::byte> into) {
  CHECK(into.size() == record_size(head.size(), body.size()));
  header.head = static_cast<std::uint32_t>(head.size());
  header.body = static_cast<std::uint32_t>(body.size());
  ByteWriter writer = write_about(use, header);
  const Buffer about = writer.buffer();
  std::byte *sealed_head = into.data() + record_header;
  std::byte *sealed_body = sealed_head + head.size() + tag_size;
  cipher.seal(2 * header.number, about, head, sealed_head);
  cipher.seal(2 * header.number + 1, about, body, sealed_body);
  writer.put_u32(crc32c({sealed_head, head.size() + body.size() + 2 * tag_size}));
  writer.put_u32(0);
  writer.put_u32(crc32c(writer.buffer()));
  std::ranges::copy(writer.buffer(), into.begin());
  std::ranges::fill(into.subspan(record_header + head.size() + body.size() + 2 * tag_size), std::byte{});
}

std::span<std::byte> RecordRoom::take(std::size_t size, std::uint64_t offset) {
  constexpr std::size_t usual = 1u << 20;
  auto has_room = [&](const Block &block) { return block.size - std::max(block.end, page_size) >= size; };
  if (filled_ == 0 || blocks_[filled_ - 1].size - blocks_[filled_ - 1].end < size) {
    auto next = std::ranges::find_if(blocks_.begin() + static_cast<std::ptrdiff_t>(filled_), blocks_.end(), has_room);
    if (next == blocks_.end()) {
      const std::size_t whole = std::max(usual, size + page_size);
      next = blocks_.insert(next, {std::make_unique_for_overwrite<std::byte[]>(whole), whole, 0, 0});
    }
    std::swap(*next, blocks_[filled_++]);
    Block &fresh = blocks_[filled_ - 1];
    fresh.begin = fresh.end = (offset - reinterpret_cast<std::uintptr_t>(fresh.octets.get())) % page_size;
  }
  Block &block = blocks_[filled_ - 1];
  const std::span<std::byte> room(block.octets.get() + block.end, size);
  block.end += size;
  return room;
}

std::vector<Bytes> RecordRoom::pieces() const {
  std::vector<Bytes> pieces;
  for (std::size_t i = 0; i < filled_; ++i)
    pieces.emplace_back(blocks_[i].octets.get() + blocks_[i].begin, blocks_[i].end - blocks_[i].begin);
  return pieces;
}

/// A few megabytes are kept; what one large mail needed goes back.
void RecordRoom::clear() {
  constexpr std::size_t most_kept = 8u << 20;
  std::size_t kept = 0;
  std::erase_if(blocks_, [&](const Block &block) {
    const bool is_too_much = kept + block.size > most_kept;
    kept += is_too_much ? 0 : block.size;
    return is_too_much;
  });
  for (Block &block : blocks_) block.begin = block.end = 0;
  filled_ = 0;
}

std::optional<Record> read_record(Bytes segment, std::uint64_t offset, const Use &use) {
  if (offset > segment.size() || segment.size() - offset < record_header) return std::nullopt;
  const Bytes header = segment.subspan(offset, record_header);
  ByteReader reader(segment.subspan(offset));
  if (reader.read_u32() != magic) return std::nullopt;
  Record record;
  record.header.head = reader.read_u32();
  if (reader.read_u64() != use.sequence || reader.read_u64() != use.nonce) return std::nullopt;
  record.header.id = reader.read_u64();
  record.header.number = reader.read_u64();
  record.header.batch = reader.read_u32();
  record.header.body = reader.read_u32();
  const std::uint8_t kind = reader.read_u8();
  reader.skip(3);
  const std::uint32_t crc = reader.read_u32();
  reader.skip(4);
  if (reader.read_u32() != crc32c(header.first(header_crc)) || kind < 1 || kind > 4) return std::nullopt;
  record.header.kind = static_cast<RecordKind>(kind);
  record.offset = offset;
  record.size = record_size(record.header.head, record.header.body);
  record.about = header.first(about_size);
  const Bytes payload = reader.take(std::size_t{record.header.head} + record.header.body + 2 * tag_size);
  if (reader.failed()) return std::nullopt;
  record.sealed_head = payload.first(record.header.head + tag_size);
  record.sealed_body = payload.subspan(record.sealed_head.size());
  record.whole = crc32c(payload) == crc;
  return record;
}

Result<Buffer> open_head(Cipher &cipher, const Record &record) {
  return open_piece(cipher, 2 * record.header.number, record, record.sealed_head);
}

Result<Buffer> open_body(Cipher &cipher, const Record &record) {
  return open_piece(cipher, 2 * record.header.number + 1, record, record.sealed_body);
}

Buffer encode_use(const Use &use) {
  ByteWriter writer;
  writer.put_u32(use_magic);
  writer.put_u64(use.sequence);
  writer.put_u64(use.nonce);
  writer.put_u64(use.after);
  writer.put_bytes(use.key);
  writer.put_bytes(use.salt);
  writer.put_u32(crc32c(writer.buffer()));
  Buffer block(second_use + writer.buffer().size());
  for (const std::size_t at : {std::size_t{0}, second_use})
    std::ranges::copy(writer.buffer(), block.begin() + static_cast<std::ptrdiff_t>(at));
  return block;
}

bool is_unsealed(Bytes segment) { return ByteReader(segment).read_u32() == unsealed_magic; }

/// A torn write leaves one of the two as it was: the newer one counts.
Result<std::optional<Use>> read_use(Bytes segment) {
  const Bytes block = segment.first(std::min<std::size_t>(segment.size(), records_start));
  const std::optional<Use> first = read_use_at(block, 0), second = read_use_at(block, second_use);
  if (first && second) return first->sequence >= second->sequence ? first : second;
  if (first || second) return first ? first : second;
  if (is_zero(block)) return std::optional<Use>();
  if (is_unsealed(block))
    return fail("was written by a version that did not encrypt: let that version deliver it, then remove it");
  return fail("its header cannot be read");
}

Scan scan(Bytes segment, const Use &use, bool closed, const std::function<void(const Record &)> &each) {
  auto walk = [&](auto visit) {
    for (std::uint64_t offset = records_start; offset + record_header <= segment.size();) {
      const std::optional<Record> record = read_record(segment, offset, use);
      if (record) visit(*record);
      offset += record ? record->size : record_align;
    }
  };
  std::uint32_t last_batch = closed ? static_cast<std::uint32_t>(-1) : 0;
  walk([&](const Record &record) {
    if (record.whole) last_batch = std::max(last_batch, record.header.batch);
  });
  Scan found;
  std::uint64_t expected = 1;
  walk([&](const Record &record) {
    const bool acknowledged = record.header.batch < last_batch;
    const bool misses_acknowledged = acknowledged || expected < record.header.batch;
    (misses_acknowledged ? found.damaged : found.torn) += record.offset - found.end;
    if (!record.whole) (acknowledged ? found.damaged : found.torn) += record.size;
    found.end = record.offset + record.size;
    expected = record.header.number + 1;
    if (record.whole || acknowledged) each(record);
  });
  return found;
}

} // namespace sekisho::spool
