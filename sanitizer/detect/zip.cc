// OOXML (ECMA-376-2) and ODF (OASIS ODF 1.3 part 2) are zips with a known member.
#include "sanitizer/detect/containers.hh"

#include "base/text.hh"
#include "sanitizer/zip/unpack.hh"

#include <algorithm>

namespace sekisho::detect {
namespace {

using job::Kind;

constexpr std::size_t most_inflated = 4u << 20; // of one member that is looked into
constexpr unsigned most_types = 100;            // with macros, of extensions that no part has
constexpr std::string_view binary_workbook = "application/vnd.ms-excel.sheet.binary."; // [MS-XLSB]

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

bool ends_alike(std::string_view name, std::string_view end) {
  return name.size() >= end.size() &&
         std::equal(end.begin(), end.end(), name.end() - static_cast<std::ptrdiff_t>(end.size()),
                    [](char a, char b) { return lower(a) == lower(b); });
}

/// Of a tag without references: name="value".
std::string_view value_of(std::string_view tag, std::string_view name) {
  const std::string start = std::string(name) + "=\"";
  const std::size_t at = tag.find(start);
  if (at == tag.npos) return {};
  const std::string_view rest = tag.substr(at + start.size());
  return rest.substr(0, rest.find('"'));
}

/// Whether a type that stands at `at` is a part's.  Some writers list the types of every extension there is, so that
/// a type alone says nothing.
bool is_type_of_a_part(const zip::Archive &archive, std::string_view types, std::size_t at) {
  constexpr std::size_t most_tag = 500;
  const std::string_view before = types.substr(0, at).substr(at - std::min(at, most_tag));
  const std::string_view behind = types.substr(at, most_tag);
  const std::size_t start = before.rfind('<'), end = behind.find('>');
  if (start == types.npos || end == types.npos) return true;
  const std::string tag = std::string(before.substr(start)) + std::string(behind.substr(0, end));
  if (!tag.starts_with("<Default ") || tag.find('&') != tag.npos) return true;
  const std::string_view extension = value_of(tag, "Extension");
  if (extension.empty()) return true;
  const std::string ending = '.' + std::string(extension);
  return std::any_of(archive.members.begin(), archive.members.end(),
                     [&](const zip::Member &member) { return ends_alike(member.name, ending); });
}

Kind kind_of_ooxml(const zip::Archive &archive, const std::string &types) {
  const auto says = [&](std::string_view word) { return types.find(word) != std::string::npos; };
  for (std::string_view word : {"macroEnabled", "vbaProject", "macrosheet"}) {
    if (word != "macroEnabled" && has_part(archive, word)) return Kind::ooxml_macro;
    unsigned times = 0;
    for (std::size_t at = 0; (at = types.find(word, at)) != types.npos; at += word.size()) {
      const bool binary = std::string_view(types).substr(0, at).ends_with(binary_workbook); // so called without a macro too
      if (!binary && (++times > most_types || is_type_of_a_part(archive, types, at))) return Kind::ooxml_macro;
    }
  }
  if (archive.find("word/document.xml")) return Kind::ooxml_word;
  if (archive.find("xl/workbook.xml")) return Kind::ooxml_sheet;
  if (archive.find("ppt/presentation.xml")) return Kind::ooxml_slides;
  if (says("wordprocessingml.document.main")) return Kind::ooxml_word; // parts may have any name
  if (says("spreadsheetml.sheet.main")) return Kind::ooxml_sheet;
  if (says("presentationml.presentation.main")) return Kind::ooxml_slides;
  if (archive.find("xl/workbook.bin")) return Kind::ooxml_sheet;
  if (archive.find("visio/document.xml") || says("ms-visio.")) return Kind::visio;
  return says("xps-fixeddocumentsequence") ? Kind::xps : Kind::zip;
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
