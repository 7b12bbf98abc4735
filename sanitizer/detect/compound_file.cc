#include "sanitizer/detect/compound_file.hh"

#include "sanitizer/detect/containers.hh"

namespace sekisho::detect {
namespace {

using job::Kind;

constexpr std::uint32_t end_of_chain = 0xfffffffe, most_sector = 0xfffffffa; // [MS-CFB] §2.1
constexpr std::size_t most_entries = 16384, entry_size = 128; // §2.6
constexpr std::size_t header_fat_sectors = 109;
constexpr std::size_t mini_sector = 64; // §2.4

} // namespace

CompoundFile::CompoundFile(Bytes bytes) : bytes_(bytes) {
  ByteReader reader(bytes);
  reader.skip(30);
  sector_size_ = reader.read_u16_le() == 12 ? 4096 : 512;
  reader.skip(16);
  std::uint32_t directory = reader.read_u32_le();
  reader.skip(4);
  cutoff_ = reader.read_u32_le();
  mini_fat_ = reader.read_u32_le();
  reader.skip(12);
  for (std::size_t i = 0; i < header_fat_sectors; ++i)
    fat_sectors_.push_back(reader.read_u32_le());
  // A chain that runs in a circle ends with the limit on entries: each sector has one at least.
  while (directory < most_sector && entries_.size() < most_entries) {
    const Bytes here = sector(directory);
    if (here.size() < entry_size) break;
    read_entries(here);
    directory = next(directory);
  }
}

Bytes CompoundFile::sector(std::uint32_t number) const {
  const std::size_t at = (static_cast<std::size_t>(number) + 1) * sector_size_;
  if (at >= bytes_.size()) return {};
  return bytes_.subspan(at, std::min(sector_size_, bytes_.size() - at));
}

std::uint32_t CompoundFile::next(std::uint32_t number) const {
  const std::size_t per_sector = sector_size_ / 4;
  const std::size_t index = number / per_sector;
  if (index >= fat_sectors_.size()) return end_of_chain;
  ByteReader reader(sector(fat_sectors_[index]));
  reader.skip(number % per_sector * 4);
  const std::uint32_t value = reader.read_u32_le();
  return reader.failed() ? end_of_chain : value;
}

void CompoundFile::read_entries(Bytes sector) {
  ByteReader reader(sector);
  while (reader.remaining() >= entry_size) {
    ByteReader entry(reader.take(entry_size));
    Entry read;
    for (unsigned i = 0; i < 32; ++i) {
      const std::uint16_t letter = entry.read_u16_le();
      if (letter != 0 && letter < 128) read.name += static_cast<char>(letter);
    }
    entry.skip(2);
    read.type = entry.read_u8();
    entry.skip(13);
    read.class_id = entry.take(16);
    entry.skip(20);
    read.start = entry.read_u32_le();
    read.size = entry.read_u32_le();
    entries_.push_back(std::move(read));
  }
}

Bytes CompoundFile::head_of(const Entry &entry) const {
  if (entry.size >= cutoff_ || !root()) return sector(entry.start);
  std::size_t at = static_cast<std::size_t>(entry.start) * mini_sector;
  std::uint32_t holder = root()->start;
  for (std::size_t hops = 0; at >= sector_size_; ++hops, at -= sector_size_) {
    holder = next(holder);
    if (holder >= most_sector || hops > most_entries) return {};
  }
  const Bytes found = sector(holder);
  return at < found.size() ? found.subspan(at) : Bytes{};
}

/// As many sectors as the file has at most: it may run in a circle.
std::vector<std::uint32_t> CompoundFile::chain(std::uint32_t start) const {
  std::vector<std::uint32_t> sectors;
  for (std::uint32_t at = start; at < most_sector && sectors.size() <= bytes_.size() / sector_size_; at = next(at))
    sectors.push_back(at);
  return sectors;
}

/// §2.4: its own sectors lie in the root's stream, and have a table of their own.
Buffer CompoundFile::contents_of_small(std::uint32_t start, std::size_t wanted) const {
  if (!root()) return {};
  const std::vector<std::uint32_t> holders = chain(root()->start), table = chain(mini_fat_);
  Buffer contents;
  for (std::uint32_t at = start; at < most_sector && contents.size() < wanted;) {
    const std::size_t place = std::size_t{at} * mini_sector, entry = std::size_t{at} * 4;
    if (place / sector_size_ >= holders.size()) break;
    const Bytes holder = sector(holders[place / sector_size_]);
    if (place % sector_size_ >= holder.size()) break;
    const Bytes here = holder.subspan(place % sector_size_);
    const Bytes piece = here.first(std::min(here.size(), mini_sector));
    contents.insert(contents.end(), piece.begin(), piece.end());
    if (entry / sector_size_ >= table.size()) break;
    ByteReader reader(sector(table[entry / sector_size_]));
    reader.skip(entry % sector_size_);
    at = reader.read_u32_le();
    if (reader.failed()) break;
  }
  contents.resize(std::min(contents.size(), wanted));
  return contents;
}

Buffer CompoundFile::contents_of(const Entry &entry, std::size_t most) const {
  const std::size_t wanted = std::min<std::size_t>({entry.size, most, bytes_.size()});
  if (entry.size < cutoff_) return contents_of_small(entry.start, wanted);
  Buffer contents;
  for (std::uint32_t at = entry.start; at < most_sector && contents.size() < wanted; at = next(at)) {
    const Bytes here = sector(at);
    if (here.empty()) break;
    contents.insert(contents.end(), here.begin(), here.end());
  }
  contents.resize(std::min(contents.size(), wanted));
  return contents;
}

namespace {

bool word_is_encrypted(Bytes head) { // [MS-DOC] §2.5.2 FibBase: fEncrypted
  ByteReader reader(head);
  reader.skip(10);
  return reader.read_u16_le() & 0x0100;
}

bool sheet_is_encrypted(Bytes head) { // [MS-XLS] §2.4.117 FilePass, near the beginning
  ByteReader reader(head);
  for (unsigned records = 0; records < 16 && reader.remaining() >= 4; ++records) {
    const std::uint16_t type = reader.read_u16_le();
    if (type == 0x002f) return true;
    reader.skip(reader.read_u16_le());
  }
  return false;
}

bool slides_are_encrypted(Bytes head) { // [MS-PPT] §2.3.2 CurrentUserAtom: headerToken
  ByteReader reader(head);
  reader.skip(12);
  return reader.read_u32_le() == 0xf3d1c4df;
}

using Entry = CompoundFile::Entry;

bool is_encrypted(const CompoundFile &file) {
  if (file.find("EncryptedPackage")) return true;
  const Entry *word = file.find("WordDocument"), *user = file.find("Current User");
  const Entry *sheet = file.find("Workbook") ? file.find("Workbook") : file.find("Book");
  return (word && word_is_encrypted(file.head_of(*word))) ||
         (sheet && sheet_is_encrypted(file.head_of(*sheet))) ||
         (user && slides_are_encrypted(file.head_of(*user)));
}

// The classes of Windows Installer's packages, patches and transforms,
// 000C108x-0000-0000-C000-000000000046.
bool is_installer(const Entry *root) {
  constexpr std::string_view id("\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46", 15);
  return root && root->class_id.size() == 16 && as_chars(root->class_id.subspan(1)) == id;
}

} // namespace

Kind kind_of_compound_file(Bytes bytes) {
  const CompoundFile file(bytes);
  const auto has_any = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return file.find(name) != nullptr; });
  };
  if (is_encrypted(file)) return Kind::encrypted;
  if (is_installer(file.root())) return Kind::executable;
  if (has_any({"VBA", "Macros", "_VBA_PROJECT", "_VBA_PROJECT_CUR", "PROJECTwm"}))
    return Kind::ole_macro;
  if (has_any(
          {"WordDocument", "Workbook", "Book", "PowerPoint Document", "VisioDocument", "Quill"}))
    return Kind::ole_office;
  if (has_any({"DocumentText", "JSRV_SegmentInformation"})) return Kind::ichitaro;
  return Kind::ole_other;
}

} // namespace sekisho::detect
