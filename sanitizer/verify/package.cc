#include "sanitizer/verify/package.hh"

#include "base/clock.hh"

#include <zlib.h>

#include <limits>

namespace sekisho::verify {
namespace {

struct Header {
  std::uint16_t method = 0;
  std::uint32_t crc = 0, packed = 0, size = 0;
  std::size_t name_size = 0;
  bool operator==(const Header &) const = default;
};

/// What both places have in common; false where it is not as our writer has it.
bool read_header(ByteReader &reader, Header &header) {
  bool ours = reader.read_u16_le() == 20 && reader.read_u16_le() == 0x0800;
  header.method = reader.read_u16_le();
  ours = ours && reader.read_u16_le() == 0 && reader.read_u16_le() == 0x0021;
  header.crc = reader.read_u32_le();
  header.packed = reader.read_u32_le();
  header.size = reader.read_u32_le();
  header.name_size = reader.read_u16_le();
  return ours && reader.read_u16_le() == 0 && (header.method == 0 || header.method == 8) &&
         (header.method == 8 || header.packed == header.size) && !reader.failed();
}

/// To the end of the last block; no bit behind it says anything.
bool inflate_to_last_bit(z_stream &stream) {
  constexpr int at_the_end = 64 + 128; // of the last block: zlib.h, inflate(), data_type
  for (bool ended = false; !ended;) {
    const int status = inflate(&stream, Z_BLOCK);
    ended = (stream.data_type & at_the_end) == at_the_end;
    if (status != Z_OK && !(ended && status == Z_BUF_ERROR)) return false;
  }
  const int unused = stream.data_type & 7;
  return unused == 0 || stream.next_in[-1] >> (8 - unused) == 0;
}

bool inflate_raw(Bytes packed, Buffer &out) {
  z_stream stream{};
  if (packed.empty() || inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  unsigned char nothing = 0;
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<std::byte *>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = out.empty() ? &nothing : reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool exact = inflate_to_last_bit(stream) && inflate(&stream, Z_FINISH) == Z_STREAM_END &&
                     stream.avail_in == 0 && stream.avail_out == 0;
  inflateEnd(&stream);
  return exact;
}

bool read_contents(const Header &header, Bytes packed, Member &member) {
  member.stored = header.method == 0;
  if (member.stored) {
    member.contents = to_buffer(packed);
  } else {
    member.contents.resize(header.size);
    if (!inflate_raw(packed, member.contents)) return false;
  }
  return crc32_z(0, reinterpret_cast<const Bytef *>(member.contents.data()),
                 member.contents.size()) == header.crc ||
         (member.contents.empty() && header.crc == 0);
}

struct Place {
  Header header;
  std::size_t at;
};

bool directory_says_the_same(ByteReader &reader, const std::vector<Place> &places,
                             const std::vector<Member> &members) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    Header header;
    if (i > 0 && reader.read_u32_le() != 0x02014b50) return false; // the first mark was read
    if (reader.read_u16_le() != 20 || !read_header(reader, header) || header != places[i].header)
      return false;
    for (const std::byte octet : reader.take(10)) // comment, disk, attributes
      if (octet != std::byte{0}) return false;
    if (reader.read_u32_le() != places[i].at ||
        as_chars(reader.take(header.name_size)) != members[i].name)
      return false;
  }
  return !reader.failed();
}

} // namespace

std::optional<std::vector<Member>> our_zip(Bytes untrusted, std::uint64_t most,
                                           std::uint64_t deadline) {
  if (untrusted.size() > std::numeric_limits<std::int32_t>::max()) return {};
  ByteReader reader(untrusted);
  std::vector<Member> members;
  std::vector<Place> places;
  std::uint64_t unpacked = 0;
  std::size_t start = 0;
  for (;;) {
    start = reader.position();
    const std::uint32_t mark = reader.read_u32_le();
    if (mark == 0x02014b50) break;
    if (monotonic_ns() >= deadline) return {};
    Header header;
    if (mark != 0x04034b50 || !read_header(reader, header) || (unpacked += header.size) > most)
      return {};
    Member member;
    member.name = as_chars(reader.take(header.name_size));
    const Bytes packed = reader.take(header.packed);
    if (reader.failed() || !read_contents(header, packed, member)) return {};
    members.push_back(std::move(member));
    places.push_back({header, start});
  }
  if (members.empty() || !directory_says_the_same(reader, places, members)) return {};
  const std::size_t end = reader.position();
  const bool closed = reader.read_u32_le() == 0x06054b50 && reader.read_u32_le() == 0 &&
                      reader.read_u16_le() == members.size() &&
                      reader.read_u16_le() == members.size() &&
                      reader.read_u32_le() == end - start && reader.read_u32_le() == start &&
                      reader.read_u16_le() == 0;
  if (!closed || reader.failed() || !reader.at_end()) return {};
  return members;
}

} // namespace sekisho::verify
