// OOXML (ECMA-376-2) and ODF (OASIS ODF 1.3 part 2) are zips with a known member.
#include "sanitizer/detect/containers.hh"

#include "sanitizer/zip/unpack.hh"

#include <algorithm>

namespace sekisho::detect {
namespace {

using job::Kind;

constexpr std::size_t most_inflated = 4u << 20; // of one member that is looked into

/// Empty when it cannot be had within the limit.
std::string contents(const zip::Archive &archive, std::string_view name) {
  const zip::Member *member = archive.find(name);
  if (!member || member->size > most_inflated) return {};
  const Result<Buffer, Reason> octets = zip::Unpacker().unpack(*member);
  return octets ? std::string(as_chars(*octets)) : std::string{};
}

bool has_part(const zip::Archive &archive, std::string_view piece) {
  return std::any_of(
      archive.members.begin(), archive.members.end(),
      [&](const zip::Member &member) { return member.name.find(piece) != std::string::npos; });
}

Kind kind_of_ooxml(const zip::Archive &archive, const std::string &types) {
  const auto says = [&](std::string_view word) { return types.find(word) != std::string::npos; };
  if (says("macroEnabled") || says("vbaProject") || says("macrosheet") ||
      has_part(archive, "vbaProject") || has_part(archive, "macrosheets/"))
    return Kind::ooxml_macro;
  if (archive.find("word/document.xml")) return Kind::ooxml_word;
  if (archive.find("xl/workbook.xml")) return Kind::ooxml_sheet;
  if (archive.find("ppt/presentation.xml")) return Kind::ooxml_slides;
  if (says("wordprocessingml.document.main")) return Kind::ooxml_word; // parts may have any name
  if (says("spreadsheetml.sheet.main")) return Kind::ooxml_sheet;
  if (says("presentationml.presentation.main")) return Kind::ooxml_slides;
  return Kind::zip;
}

// Members that a program runs when the archive is opened as what it is.
bool is_program(const zip::Archive &archive) {
  return archive.find("META-INF/MANIFEST.MF") || archive.find("AndroidManifest.xml") ||
         archive.find("AppxManifest.xml");
}

bool all_encrypted(const zip::Archive &archive) {
  bool any = false;
  for (const zip::Member &member : archive.members) {
    if (member.folder) continue;
    if (!member.encrypted) return false;
    any = true;
  }
  return any;
}

} // namespace

Kind kind_of_zip(Bytes bytes) {
  const bool begins = bytes.size() > 30 && as_chars(bytes).starts_with("PK\3\4");
  // A damaged archive is one all the same: whoever treats it tells the fault.
  const zip::Archive archive = zip::read(bytes);
  if (archive.members.empty() && archive.fault && !begins) return Kind::unknown;

  if (all_encrypted(archive)) return Kind::encrypted;
  if (archive.find("[Content_Types].xml"))
    return kind_of_ooxml(archive, contents(archive, "[Content_Types].xml"));
  if (contents(archive, "mimetype").starts_with("application/vnd.oasis.opendocument"))
    return contents(archive, "META-INF/manifest.xml").find("encryption-data") == std::string::npos
               ? Kind::odf
               : Kind::encrypted;
  return is_program(archive) ? Kind::executable : Kind::zip;
}

} // namespace sekisho::detect
