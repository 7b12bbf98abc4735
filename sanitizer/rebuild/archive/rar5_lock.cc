// [RAR 5.0 archive format]: headers alone.  The library hands out the octets of an encrypted file as if they were the file
// (libarchive 3.6.2).
#include "sanitizer/rebuild/archive/archive.hh"

namespace sekisho::rebuild {
namespace {

constexpr std::string_view signature = "Rar!\x1a\x07\x01";
constexpr std::uint64_t file_header = 2, encryption = 1;          // type of a header, of an extra record
constexpr std::uint64_t has_extra = 1, has_data = 2;              // flags of a header
constexpr std::size_t signature_size = 8, most_header = 2u << 20; // the format's own limit

/// Seven bits an octet, lowest first.
std::uint64_t read_number(ByteReader &reader) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && !reader.failed(); shift += 7) {
    const std::uint8_t octet = reader.read_u8();
    value |= std::uint64_t{octet & 0x7fu} << shift;
    if ((octet & 0x80) == 0) break;
  }
  return value;
}

bool has_encryption(Bytes extra) {
  for (ByteReader records(extra); !records.at_end() && !records.failed();) {
    ByteReader record(records.take(read_number(records)));
    if (read_number(record) == encryption && !record.failed()) return true;
  }
  return false;
}

} // namespace

bool has_locked_rar5_file(Bytes untrusted) {
  if (!as_chars(untrusted).starts_with(signature)) return false;
  ByteReader reader(untrusted);
  for (reader.skip(signature_size); !reader.at_end() && !reader.failed();) {
    reader.skip(4); // CRC
    const std::uint64_t size = read_number(reader);
    if (size > most_header) return false;
    ByteReader header(reader.take(size));
    const std::uint64_t type = read_number(header), flags = read_number(header);
    const std::uint64_t extra = (flags & has_extra) != 0 ? read_number(header) : 0;
    const std::uint64_t data = (flags & has_data) != 0 ? read_number(header) : 0;
    if (header.failed() || extra > header.remaining()) return false;
    header.skip(header.remaining() - extra);
    if (type == file_header && has_encryption(header.rest())) return true;
    reader.skip(data);
  }
  return false;
}

} // namespace sekisho::rebuild
