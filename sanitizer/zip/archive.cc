#include "sanitizer/zip/archive.hh"

#include "sanitizer/zip/directory.hh"

#include <algorithm>
#include <numeric>
#include <unordered_set>

namespace sekisho::zip {
namespace {

constexpr std::uint32_t descriptor_mark = 0x08074b50, in_zip64 = 0xffffffff;

void set(Fault &fault, Reason reason, const char *what) {
  if (!fault) fault = {reason, what};
}

std::string folded(std::string_view name) {
  std::string folded(name);
  for (char &c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded;
}

/// §4.4.15: upper half of the attributes where the maker is a Unix; NTFS has reparse points.
bool is_link(const Entry &entry) {
  const unsigned maker = entry.made_by >> 8, type = entry.attributes >> 16 & 0170000;
  if (maker == 3 || maker == 19) return type != 0 && type != 0100000 && type != 0040000;
  return (maker == 0 || maker == 10) && (entry.attributes & 0x400) != 0;
}

bool is_encrypted(const Entry &entry) {
  return (entry.flags & (encrypted_flag | strong_flag | masked_flag)) != 0 || entry.method == 99 ||
         entry.extra.aes;
}

/// What the directory alone tells against a member.
void judge(const Entry &entry, Member &member) {
  member.size = entry.size;
  member.crc = entry.crc;
  member.method = entry.method;
  member.encrypted = is_encrypted(entry);
  set(member.fault, entry.fault.reason, entry.fault.what);
  if (member.encrypted) set(member.fault, Reason::part_encrypted, "encrypted");
  if (is_link(entry)) set(member.fault, Reason::zip_link, "link or device");
  if (entry.method != 0 && entry.method != 8) set(member.fault, Reason::zip_method, "method");
  if (entry.method == 0 && !member.encrypted && entry.packed != entry.size)
    set(member.fault, Reason::zip_bad_data, "stored, but of two sizes");
}

struct Extent {
  std::uint64_t start = 0, end = 0;
};

/// A member's own header (§4.3.7) beside its entry.
class LocalHeader {
public:
  LocalHeader(Bytes bytes, const Directory &directory, const Entry &entry)
      : bytes_(bytes), limit_(directory.start), entry_(entry) {
    if (entry.offset > limit_ || directory.base > limit_ - entry.offset) return;
    start_ = directory.base + entry.offset;
    fault_ = read();
  }
  const Fault &fault() const { return fault_; }
  Bytes packed() const { return packed_; }
  Extent extent() const { return {start_, end_}; } // end 0: unknown

private:
  Fault read() {
    ByteReader reader(bytes_.subspan(start_, limit_ - start_));
    if (reader.read_u32_le() != local_mark)
      return {Reason::zip_damaged, "no header where the directory says"};
    reader.skip(2); // version needed
    const std::uint16_t flags = reader.read_u16_le(), method = reader.read_u16_le();
    reader.skip(4); // time
    const std::uint32_t crc = reader.read_u32_le();
    std::uint64_t packed = reader.read_u32_le(), size = reader.read_u32_le();
    const std::size_t name_size = reader.read_u16_le(), extra_size = reader.read_u16_le();
    const Bytes name = reader.take(name_size);
    Extra extra = read_extra(reader.take(extra_size), name);
    if (!extra.whole) extra = {}; // nobody needs it where the sizes stand in the header
    packed_ = reader.take(entry_.packed);
    if (reader.failed()) return {Reason::zip_damaged, "data beyond the directory"};
    end_ = start_ + reader.position();
    if (extra.zip64) read_zip64(*extra.zip64, packed, size);

    constexpr std::uint16_t telling =
        encrypted_flag | descriptor_flag | strong_flag | utf8_flag | masked_flag;
    if (((flags ^ entry_.flags) & telling) != 0) return {Reason::zip_disagrees, "flags"};
    if (method != entry_.method) return {Reason::zip_disagrees, "method"};
    if (!std::ranges::equal(name, entry_.raw_name)) return {Reason::zip_disagrees, "name"};
    if (!extra.unicode_path.empty() &&
        !std::ranges::equal(extra.unicode_path, entry_.extra.unicode_path))
      return {Reason::zip_disagrees, "Unicode name"};
    const bool later = (flags & descriptor_flag) != 0;
    const auto differ = [later](std::uint64_t here, std::uint64_t there) {
      return here != there && !(later && here == 0);
    };
    if (differ(crc, entry_.crc)) return {Reason::zip_disagrees, "sum"};
    if (differ(packed, entry_.packed) || differ(size, entry_.size))
      return {Reason::zip_disagrees, "size"};
    return later ? read_descriptor(reader) : Fault{};
  }

  static void read_zip64(Bytes field, std::uint64_t &packed, std::uint64_t &size) {
    ByteReader reader(field);
    if (size == in_zip64) size = reader.read_u64_le();
    if (packed == in_zip64) packed = reader.read_u64_le();
  }

  /// §4.3.9: with or without its mark, sizes of four or eight octets.
  Fault read_descriptor(const ByteReader &after_data) {
    for (const bool wide : {false, true})
      for (const bool marked : {true, false}) {
        ByteReader reader = after_data;
        if (marked && reader.read_u32_le() != descriptor_mark) continue;
        const std::uint32_t crc = reader.read_u32_le();
        const std::uint64_t packed = wide ? reader.read_u64_le() : reader.read_u32_le();
        const std::uint64_t size = wide ? reader.read_u64_le() : reader.read_u32_le();
        if (reader.failed() || crc != entry_.crc || packed != entry_.packed || size != entry_.size)
          continue;
        end_ = start_ + reader.position();
        return {};
      }
    return {Reason::zip_disagrees, "data descriptor"};
  }

  Bytes bytes_;
  std::uint64_t limit_; // where the directory begins
  const Entry &entry_;
  std::uint64_t start_ = 0, end_ = 0;
  Bytes packed_;
  Fault fault_{Reason::zip_damaged, "header beyond the directory"};
};

/// No octet belongs to two members, and between them nobody finds another one.
void judge_extents(Bytes bytes, const Directory &directory, std::vector<Extent> extents,
                   Archive &archive) {
  std::vector<std::size_t> order(extents.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return extents[a].start < extents[b].start; });
  std::uint64_t reached = 0;
  const auto hides_member = [&](std::uint64_t end) {
    const std::string_view mark("PK\3\4", 4);
    return reached < end &&
           as_chars(bytes.subspan(reached, end - reached)).find(mark) != std::string_view::npos;
  };
  bool hidden = false, all_known = true;
  for (const std::size_t i : order) {
    const Extent &extent = extents[i];
    if (extent.end == 0) {
      all_known = false;
      continue;
    }
    if (extent.start < reached) {
      set(archive.fault, Reason::zip_overlap, "members share octets");
      set(archive.members[i].fault, Reason::zip_overlap, "shares octets with another member");
    }
    hidden = hidden || hides_member(extent.start);
    reached = std::max(reached, extent.end);
  }
  if (all_known && (hidden || hides_member(directory.start)))
    set(archive.fault, Reason::zip_disagrees, "a member that the directory leaves out");
}

void judge_sizes(const Directory &directory, const Limits &limits, Archive &archive) {
  std::uint64_t unpacked = 0, packed = 0;
  for (const Entry &entry : directory.entries) {
    if (entry.size > limits.unpacked) unpacked = limits.unpacked + 1;
    unpacked = std::min(unpacked + std::min(entry.size, limits.unpacked + 1), limits.unpacked + 1);
    packed += std::min<std::uint64_t>(entry.packed, in_zip64);
  }
  if (unpacked > limits.unpacked) set(archive.fault, Reason::zip_bomb, "size above the limit");
  if (unpacked > limits.ratio_from && unpacked / limits.ratio > packed)
    set(archive.fault, Reason::zip_bomb, "ratio above the limit");
}

void judge_duplicates(Archive &archive) {
  std::unordered_set<std::string> names;
  names.reserve(archive.members.size());
  for (Member &member : archive.members)
    if (!names.insert(folded(member.name)).second)
      set(member.fault, Reason::zip_duplicate, "a name that occurred before");
}

} // namespace

Fault Archive::first_fault() const {
  if (fault) return fault;
  for (const Member &member : members)
    if (member.fault) return member.fault;
  return {};
}

const Member *Archive::find(std::string_view name) const {
  const auto at = std::find_if(members.begin(), members.end(),
                               [name](const Member &member) { return member.name == name; });
  return at == members.end() ? nullptr : &*at;
}

Archive read(Bytes bytes, const Limits &limits, bool backslashes) {
  const Directory directory = read_directory(bytes, limits.members);
  Archive archive;
  archive.fault = directory.fault;
  archive.commented = directory.commented || std::ranges::any_of(directory.entries, &Entry::commented);
  archive.members.resize(directory.entries.size());
  for (std::size_t i = 0; i < directory.entries.size(); ++i)
    judge(directory.entries[i], archive.members[i]);
  name_members(directory.entries, archive, backslashes);
  std::vector<Extent> extents;
  for (std::size_t i = 0; i < directory.entries.size(); ++i) {
    const LocalHeader header(bytes, directory, directory.entries[i]);
    archive.members[i].packed = header.packed();
    set(archive.members[i].fault, header.fault().reason, header.fault().what);
    extents.push_back(header.extent());
  }
  for (Member &member : archive.members)
    if (member.folder && member.size != 0)
      set(member.fault, Reason::zip_disagrees, "a folder with contents");
  judge_duplicates(archive);
  judge_extents(bytes, directory, std::move(extents), archive);
  judge_sizes(directory, limits, archive);
  return archive;
}

} // namespace sekisho::zip
