#include "sanitizer/zip/directory.hh"

#include <libdeflate.h>

#include <algorithm>
#include <cstring>

namespace sekisho::zip {
namespace {

constexpr std::uint32_t end_mark = 0x06054b50, end64_mark = 0x06064b50, locator_mark = 0x07064b50;
constexpr std::size_t end_size = 22, locator_size = 20, end64_size = 56, most_comment = 65'535;
constexpr std::size_t entry_size = 46;
constexpr std::uint32_t in_zip64 = 0xffffffff; // a field whose value stands in a Zip64 field

struct End {
  std::uint64_t at = 0;                          // of the first record that ends the directory
  std::uint64_t count = 0, size = 0, offset = 0; // of the directory
  bool split = false, commented = false;
};

std::uint32_t mark_at(Bytes bytes, std::uint64_t at) {
  if (at > bytes.size() || bytes.size() - at < 4) return 0;
  return ByteReader(bytes.subspan(at, 4)).read_u32_le();
}

/// Behind it may be what fills a disk or a mail up: NUL and line ends.
bool fits(Bytes bytes, std::size_t at) {
  const std::size_t end = at + end_size + ByteReader(bytes.subspan(at + 20)).read_u16_le();
  if (end > bytes.size()) return false;
  return std::ranges::all_of(as_chars(bytes.subspan(end)), [](char c) { return c == 0 || c == '\r' || c == '\n'; });
}

/// As rfind(), which looks at one octet after the other.
std::size_t last_letter(std::string_view text, char letter) {
  const void *const found = text.empty() ? nullptr : ::memrchr(text.data(), letter, text.size());
  return found ? static_cast<std::size_t>(static_cast<const char *>(found) - text.data()) : text.npos;
}

/// The last end record; readers look for it from behind.  Another one that would do as well, or
/// octets behind it, and the archive has a fault.
std::optional<std::size_t> find_end(Bytes bytes, Fault &fault) {
  if (bytes.size() < end_size) return {};
  const std::size_t last = bytes.size() - end_size;
  const std::size_t first = last > most_comment ? last - most_comment : 0;
  std::optional<std::size_t> found;
  const std::string_view chars = as_chars(bytes);
  for (std::size_t at = last + 1; at > first;) {
    const std::size_t letter = last_letter(chars.substr(first, at - first), 'P');
    if (letter == chars.npos) break;
    at = first + letter;
    if (mark_at(bytes, at) != end_mark) continue;
    if (!found) {
      found = at;
      if (!fits(bytes, at))
        fault = {Reason::zip_damaged, "comment of another length, or octets after it"};
    } else if (fits(bytes, at)) {
      fault = {Reason::zip_disagrees, "two end records"};
    }
  }
  return found;
}

/// §4.3.14: where there is a locator, the Zip64 record counts, and the plain one must not differ.
void read_end64(Bytes bytes, std::size_t plain_at, End &end, Fault &fault) {
  if (plain_at < locator_size || mark_at(bytes, plain_at - locator_size) != locator_mark) return;
  ByteReader locator(bytes.subspan(plain_at - locator_size + 4));
  end.split = end.split || locator.read_u32_le() != 0;
  std::uint64_t at = locator.read_u64_le();
  end.split = end.split || locator.read_u32_le() > 1;
  const std::uint64_t usual =
      plain_at - locator_size - std::min(plain_at - locator_size, end64_size);
  if (mark_at(bytes, usual) == end64_mark) at = usual; // octets may stand before the zip
  if (mark_at(bytes, at) != end64_mark) {
    fault = {Reason::zip_damaged, "no Zip64 end record where its locator says"};
    return;
  }
  ByteReader record(bytes.subspan(at + 4));
  const std::uint64_t rest = record.read_u64_le();
  record.skip(4); // versions
  end.split = end.split || record.read_u32_le() != 0 || record.read_u32_le() != 0;
  const std::uint64_t here = record.read_u64_le();
  const End plain = end;
  end.at = at;
  end.count = record.read_u64_le();
  end.size = record.read_u64_le();
  end.offset = record.read_u64_le();
  end.split = end.split || here != end.count;
  if (record.failed() || rest != plain_at - locator_size - at - 12)
    fault = {Reason::zip_damaged, "Zip64 end record of another length"};
  const auto differ = [](std::uint64_t plain, std::uint64_t zip64, std::uint64_t marker) {
    return plain != marker && plain != zip64;
  };
  if (differ(plain.count, end.count, 0xffff) || differ(plain.size, end.size, in_zip64) ||
      differ(plain.offset, end.offset, in_zip64))
    fault = {Reason::zip_disagrees, "end record and Zip64 end record"};
}

End read_end(Bytes bytes, std::size_t at, Fault &fault) {
  ByteReader record(bytes.subspan(at + 4));
  const auto other_disk = [](std::uint16_t disk) { return disk != 0 && disk != 0xffff; };
  End end;
  end.at = at;
  end.split = other_disk(record.read_u16_le());
  end.split = other_disk(record.read_u16_le()) || end.split;
  const std::uint16_t here = record.read_u16_le();
  end.count = record.read_u16_le();
  end.split = end.split || here != end.count;
  end.size = record.read_u32_le();
  end.offset = record.read_u32_le();
  end.commented = record.read_u16_le() > 0;
  read_end64(bytes, at, end, fault);
  return end;
}

/// A value of 0xffffffff stands in the Zip64 field, in this order (§4.5.3).
bool take_zip64(std::uint64_t &value, bool wanted, ByteReader &field) {
  if (!wanted) return true;
  value = field.read_u64_le();
  return !field.failed();
}

void read_zip64(Entry &entry) {
  const bool size = entry.size == in_zip64, packed = entry.packed == in_zip64;
  const bool offset = entry.offset == in_zip64;
  if (!size && !packed && !offset) return;
  if (!entry.extra.zip64) return; // then it is the value
  ByteReader field(*entry.extra.zip64);
  if (!take_zip64(entry.size, size, field) || !take_zip64(entry.packed, packed, field) ||
      !take_zip64(entry.offset, offset, field))
    entry.fault = {Reason::zip_damaged, "Zip64 field without a value that belongs there"};
}

Entry read_entry(ByteReader &reader) {
  Entry entry;
  reader.skip(4);
  entry.made_by = reader.read_u16_le();
  reader.skip(2); // version needed
  entry.flags = reader.read_u16_le();
  entry.method = reader.read_u16_le();
  reader.skip(4); // time
  entry.crc = reader.read_u32_le();
  entry.packed = reader.read_u32_le();
  entry.size = reader.read_u32_le();
  const std::size_t name = reader.read_u16_le(), extra = reader.read_u16_le();
  const std::size_t comment = reader.read_u16_le(), disk = reader.read_u16_le();
  reader.skip(2);
  entry.attributes = reader.read_u32_le();
  entry.offset = reader.read_u32_le();
  entry.raw_name = reader.take(name);
  entry.extra = read_extra(reader.take(extra), entry.raw_name);
  reader.skip(comment);
  entry.commented = comment > 0;
  if (disk != 0 && disk != 0xffff) entry.fault = {Reason::zip_split, "on another disk"};
  if (!entry.extra.whole) entry.fault = {Reason::zip_damaged, "extra field"};
  read_zip64(entry);
  return entry;
}

void set(Fault &fault, Reason reason, const char *what) {
  if (!fault) fault = {reason, what};
}

} // namespace

Extra read_extra(Bytes octets, Bytes raw_name) {
  Extra extra;
  ByteReader reader(octets);
  while (reader.remaining() >= 4) {
    const std::uint16_t id = reader.read_u16_le(), size = reader.read_u16_le();
    const Bytes data = reader.take(size);
    if (reader.failed()) {
      extra.whole = false;
      return extra;
    }
    ByteReader field(data);
    if (id == 0x0001 && !extra.zip64) extra.zip64 = data;
    if (id == 0x9901) extra.aes = true;
    if (id == 0x7075 && field.read_u8() == 1 &&
        field.read_u32_le() == libdeflate_crc32(0, raw_name.data(), raw_name.size()))
      extra.unicode_path = field.rest();
  }
  // Less than a header is left: padding to an even address where it is zeros.
  for (const std::byte octet : reader.rest())
    if (octet != std::byte{0}) extra.whole = false;
  return extra;
}

Directory read_directory(Bytes bytes, std::size_t most_members) {
  Directory directory;
  const std::optional<std::size_t> at = find_end(bytes, directory.fault);
  if (!at) {
    directory.fault = {Reason::zip_damaged, "no end record"};
    return directory;
  }
  const End end = read_end(bytes, *at, directory.fault);
  directory.commented = end.commented;
  if (end.split) set(directory.fault, Reason::zip_split, "several disks");
  directory.start = end.size <= end.at ? end.at - end.size : 0; // by its place
  if (end.size > end.at || end.offset > directory.start)
    set(directory.fault, Reason::zip_damaged, "directory beyond the file");
  else
    directory.base = directory.start - end.offset;
  if (directory.base != 0 && mark_at(bytes, end.offset) == entry_mark)
    set(directory.fault, Reason::zip_disagrees, "two directories");

  ByteReader reader(bytes.subspan(directory.start, end.at - directory.start));
  while (reader.remaining() >= entry_size && directory.entries.size() < most_members) {
    if (mark_at(bytes, directory.start + reader.position()) != entry_mark) break;
    Entry entry = read_entry(reader);
    if (reader.failed()) break;
    directory.entries.push_back(std::move(entry));
  }
  if (end.count > most_members)
    set(directory.fault, Reason::zip_bomb, "more members than the limit");
  if (reader.failed() || !reader.at_end())
    set(directory.fault, Reason::zip_damaged, "a directory header cut short or with a wrong mark");
  if (directory.entries.size() != end.count)
    set(directory.fault, Reason::zip_disagrees, "number of members");
  return directory;
}

} // namespace sekisho::zip
