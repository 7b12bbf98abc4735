// The central directory as it stands, before anybody asked the members themselves; private to zip.
#pragma once

#include "sanitizer/zip/archive.hh"

#include <optional>

namespace sekisho::zip {

constexpr std::uint32_t local_mark = 0x04034b50, entry_mark = 0x02014b50;
constexpr std::uint16_t encrypted_flag = 0x0001, descriptor_flag = 0x0008, strong_flag = 0x0040,
                        utf8_flag = 0x0800, masked_flag = 0x2000;

/// What an extra field (§4.5) says that matters here.
struct Extra {
  bool whole = true;          // false: it does not keep to its own lengths
  std::optional<Bytes> zip64; // 0x0001
  Bytes unicode_path;         // 0x7075: UTF-8, where its sum fits the plain name
  bool aes = false;           // 0x9901
};
Extra read_extra(Bytes extra, Bytes raw_name);

struct Entry {
  std::uint16_t made_by = 0, flags = 0, method = 0;
  std::uint32_t crc = 0, attributes = 0;
  std::uint64_t packed = 0, size = 0;
  std::uint64_t offset = 0; // from `Directory::base`
  Bytes raw_name;
  Extra extra;
  bool commented = false;
  Fault fault;
};

struct Directory {
  std::vector<Entry> entries; // as far as they can be read
  std::uint64_t start = 0;    // where it begins
  std::uint64_t base = 0;     // octets before the zip; offsets count from here
  bool commented = false;     // the archive
  Fault fault;
};

Directory read_directory(Bytes untrusted, std::size_t most_members);

/// Names of all entries, in UTF-8 with "/" between folders; `archive.members` has as many.
void name_members(const std::vector<Entry> &entries, Archive &archive, bool backslashes);

} // namespace sekisho::zip
