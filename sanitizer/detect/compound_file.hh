// [MS-CFB]: a small file system in a file.  Its directory's names, and as much of a stream as is asked for; private to
// detect.
#pragma once

#include "base/bytes.hh"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::detect {

class CompoundFile {
public:
  struct Entry {
    std::string name;      // the Latin letters of it: enough for the names looked for
    std::uint8_t type = 0; // 1 storage, 2 stream, 5 root
    std::uint32_t start = 0;
    std::uint32_t size = 0;
    Bytes class_id;
  };

  explicit CompoundFile(Bytes bytes);
  const Entry *find(std::string_view name) const {
    auto at = std::find_if(entries_.begin(), entries_.end(),
                           [&](const Entry &entry) { return entry.name == name; });
    return at == entries_.end() ? nullptr : &*at;
  }
  /// The first sector of a stream; small streams live in the root's stream.
  Bytes head_of(const Entry &entry) const;
  /// A stream's first octets, `most` at most; of a file above 6.8 MB what its first table of sectors reaches.
  Buffer contents_of(const Entry &entry, std::size_t most) const;
  const std::vector<Entry> &entries() const { return entries_; }
  const Entry *root() const { return entries_.empty() ? nullptr : &entries_.front(); }

private:
  Bytes sector(std::uint32_t number) const;
  std::uint32_t next(std::uint32_t number) const;
  std::vector<std::uint32_t> chain(std::uint32_t start) const;
  Buffer contents_of_small(std::uint32_t start, std::size_t wanted) const;
  void read_entries(Bytes sector);

  Bytes bytes_;
  std::size_t sector_size_ = 512;
  std::uint32_t cutoff_ = 4096;
  std::uint32_t mini_fat_ = 0; // its first sector
  std::vector<std::uint32_t> fat_sectors_;
  std::vector<Entry> entries_;
};

} // namespace sekisho::detect
