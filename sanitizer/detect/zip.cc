// APPNOTE.TXT 6.3.10: the central directory says what is inside; OOXML (ECMA-376-2) and ODF (OASIS
// ODF 1.3 part 2) are zips with a known member.
#include "sanitizer/detect/containers.hh"

#include <libdeflate.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace sekisho::detect {
namespace {

using job::Kind;

constexpr std::uint32_t end_mark = 0x06054b50, entry_mark = 0x02014b50, local_mark = 0x04034b50;
constexpr std::size_t end_size = 22, most_comment = 65535;
constexpr std::size_t most_members = 65535;
constexpr std::size_t most_inflated = 4u << 20; // of one member that is looked into

struct Member {
  std::string_view name;
  std::uint16_t flags, method;
  std::uint32_t packed, size, local;
  bool encrypted() const { return flags & 1; }
};

struct Directory {
  std::vector<Member> members;
  const Member *find(std::string_view name) const {
    auto at = std::find_if(members.begin(), members.end(),
                           [&](const Member &member) { return member.name == name; });
    return at == members.end() ? nullptr : &*at;
  }
  bool has_part(std::string_view piece) const {
    return std::any_of(members.begin(), members.end(), [&](const Member &member) {
      return member.name.find(piece) != std::string_view::npos;
    });
  }
};

std::optional<std::size_t> find_end_record(Bytes bytes) {
  if (bytes.size() < end_size) return std::nullopt;
  const std::size_t last = bytes.size() - end_size;
  const std::size_t first = last > most_comment ? last - most_comment : 0;
  for (std::size_t at = last + 1; at-- > first;)
    if (ByteReader(bytes.subspan(at, 4)).read_u32_le() == end_mark) return at;
  return std::nullopt;
}

Member read_member(ByteReader &reader) {
  Member member{};
  reader.skip(4); // made by, needed
  member.flags = reader.read_u16_le();
  member.method = reader.read_u16_le();
  reader.skip(8); // time, CRC
  member.packed = reader.read_u32_le();
  member.size = reader.read_u32_le();
  const std::size_t name = reader.read_u16_le(), extra = reader.read_u16_le();
  const std::size_t comment = reader.read_u16_le();
  reader.skip(8); // disk, attributes
  member.local = reader.read_u32_le();
  member.name = as_chars(reader.take(name));
  reader.skip(extra + comment);
  return member;
}

/// The members as far as they can be read; a damaged directory is not an error here.
Directory read_directory(Bytes bytes, std::size_t end) {
  ByteReader record(bytes.subspan(end));
  record.skip(12);
  const std::size_t size = record.read_u32_le();
  const std::size_t start =
      size <= end ? end - size : 0; // by its place: octets may stand before the zip
  ByteReader reader(bytes.subspan(start, end - start));
  Directory directory;
  while (reader.remaining() >= 46 && directory.members.size() < most_members) {
    if (reader.read_u32_le() != entry_mark) break;
    Member member = read_member(reader);
    if (reader.failed()) break;
    directory.members.push_back(member);
  }
  return directory;
}

std::string inflate(Bytes packed, std::size_t size) {
  std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  std::string text(size, '\0');
  std::size_t written = 0;
  if (!inflater || libdeflate_deflate_decompress(inflater.get(), packed.data(), packed.size(),
                                                 text.data(), size, &written) != LIBDEFLATE_SUCCESS)
    return {};
  text.resize(written);
  return text;
}

/// Empty when it cannot be had within the limits.
std::string contents(Bytes bytes, std::size_t zip_start, const Member &member) {
  if (member.size > most_inflated || member.encrypted()) return {};
  if (member.local > bytes.size() || zip_start > bytes.size() - member.local) return {};
  ByteReader reader(bytes.subspan(zip_start + member.local));
  if (reader.read_u32_le() != local_mark) return {};
  reader.skip(22);
  const std::size_t name = reader.read_u16_le(), extra = reader.read_u16_le();
  reader.skip(name + extra);
  const Bytes packed = reader.take(member.packed);
  if (reader.failed()) return {};
  if (member.method == 0) return std::string(as_chars(packed));
  return member.method == 8 ? inflate(packed, member.size) : std::string{};
}

Kind kind_of_ooxml(const Directory &directory, const std::string &types) {
  const auto says = [&](std::string_view word) { return types.find(word) != std::string::npos; };
  if (says("macroEnabled") || says("vbaProject") || says("macrosheet") ||
      directory.has_part("vbaProject") || directory.has_part("macrosheets/"))
    return Kind::ooxml_macro;
  if (directory.find("word/document.xml")) return Kind::ooxml_word;
  if (directory.find("xl/workbook.xml")) return Kind::ooxml_sheet;
  if (directory.find("ppt/presentation.xml")) return Kind::ooxml_slides;
  if (says("wordprocessingml.document.main")) return Kind::ooxml_word; // parts may have any name
  if (says("spreadsheetml.sheet.main")) return Kind::ooxml_sheet;
  if (says("presentationml.presentation.main")) return Kind::ooxml_slides;
  return Kind::zip;
}

// Members that a program runs when the archive is opened as what it is.
bool is_program(const Directory &directory) {
  return directory.find("META-INF/MANIFEST.MF") || directory.find("AndroidManifest.xml") ||
         directory.find("AppxManifest.xml");
}

bool all_encrypted(const Directory &directory) {
  bool any = false;
  for (const Member &member : directory.members) {
    if (member.name.ends_with('/')) continue;
    if (!member.encrypted()) return false;
    any = true;
  }
  return any;
}

} // namespace

Kind kind_of_zip(Bytes bytes) {
  const bool begins = bytes.size() > 30 && ByteReader(bytes).read_u32_le() == local_mark;
  const std::optional<std::size_t> end = find_end_record(bytes);
  if (!end) return begins ? Kind::zip : Kind::unknown;
  const Directory directory = read_directory(bytes, *end);
  if (directory.members.empty() && !begins && *end != 0) return Kind::unknown;

  ByteReader record(bytes.subspan(*end));
  record.skip(12);
  const std::size_t size = record.read_u32_le(), offset = record.read_u32_le();
  const std::size_t zip_start = size + offset <= *end ? *end - size - offset : 0;
  const auto text_of = [&](std::string_view name) {
    const Member *member = directory.find(name);
    return member ? contents(bytes, zip_start, *member) : std::string{};
  };

  if (all_encrypted(directory)) return Kind::encrypted;
  if (directory.find("[Content_Types].xml"))
    return kind_of_ooxml(directory, text_of("[Content_Types].xml"));
  if (text_of("mimetype").starts_with("application/vnd.oasis.opendocument"))
    return text_of("META-INF/manifest.xml").find("encryption-data") == std::string::npos
               ? Kind::odf
               : Kind::encrypted;
  return is_program(directory) ? Kind::executable : Kind::zip;
}

} // namespace sekisho::detect
