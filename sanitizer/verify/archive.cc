// A zip of files that were each built anew: every member is once more what its ending says.
#include "base/fold.hh"
#include "base/utf8.hh"
#include "sanitizer/verify/characters.hh"
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/package.hh"
#include "sanitizer/verify/verify.hh"

#include <array>
#include <set>
#include <string>

namespace sekisho::verify {
namespace {

constexpr unsigned most_depth = 10;
constexpr std::uint64_t most_unpacked = 512u << 20; // octets of all members
constexpr std::size_t most_parts = 16;              // of a path

struct Ending {
  std::string_view ending;
  job::Kind kind;
};
constexpr auto endings = std::to_array<Ending>({
    {".txt", job::Kind::text},
    {".pdf", job::Kind::pdf},
    {".jpg", job::Kind::jpeg},
    {".jpeg", job::Kind::jpeg},
    {".png", job::Kind::png},
    {".gif", job::Kind::gif},
    {".tif", job::Kind::tiff},
    {".tiff", job::Kind::tiff},
    {".docx", job::Kind::ooxml_word},
    {".xlsx", job::Kind::ooxml_sheet},
    {".pptx", job::Kind::ooxml_slides},
    {".odt", job::Kind::odf},
    {".ods", job::Kind::odf},
    {".odp", job::Kind::odf},
    {".odg", job::Kind::odf},
    {".zip", job::Kind::zip},
});

/// unknown: nothing that we write ends so.
job::Kind kind_by_ending(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos) return job::Kind::unknown;
  std::string ending(name.substr(dot));
  for (char &c : ending)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  for (const Ending &row : endings)
    if (row.ending == ending) return row.kind;
  return job::Kind::unknown;
}

bool is_device(std::string_view part) {
  std::string stem = folded(part.substr(0, part.find('.')));
  stem.erase(stem.find_last_not_of(' ') + 1);
  for (const char *port : {"com", "lpt"})
    for (const char *number :
         {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "\u00b9", "\u00b2", "\u00b3"})
      if (stem == std::string(port) + number) return true;
  return stem == "con" || stem == "prn" || stem == "aux" || stem == "nul";
}

/// Neither a device of Windows nor a folder that opens as something else (name.{GUID}).
bool is_component(std::string_view part) {
  return !is_device(part) && part.find(".{") == part.npos && !part.empty() && part != "." &&
         part != ".." && part.front() != ' ' && part.back() != ' ' && part.back() != '.';
}

/// A path that leads into no other folder on any system.
bool is_inside(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const char32_t c = utf8_next(name, at);
    if (c == utf8_invalid || is_forbidden(c) || c == '\\' || c == ':' || c == '*' || c == '?' ||
        c == '"' || c == '<' || c == '>' || c == '|')
      return false;
  }
  for (std::size_t parts = 0; parts < most_parts; ++parts) {
    const std::size_t slash = name.find('/');
    if (!is_component(name.substr(0, slash))) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
  return false;
}

/// No file that is also the folder of another one.
bool can_be_unpacked(const std::set<std::string> &names) {
  for (const std::string &name : names)
    for (std::size_t slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1))
      if (names.contains(name.substr(0, slash))) return false;
  return true;
}

bool is_archive(Bytes untrusted, unsigned depth, Deadline deadline) {
  const std::optional<std::vector<Member>> members =
      depth < most_depth ? our_zip(untrusted, most_unpacked, deadline) : std::nullopt;
  if (!members) return false;
  std::set<std::string> names;
  for (const Member &member : *members) {
    if (!is_inside(member.name) || !names.insert(folded(member.name)).second) return false;
    const job::Kind kind = kind_by_ending(member.name);
    const bool accepted =
        kind == job::Kind::zip
            ? is_archive(member.contents, depth + 1, deadline)
            : Verifier::accept(kind, Untrusted(member.contents), deadline).has_value();
    if (!accepted) return false;
  }
  return can_be_unpacked(names);
}

} // namespace

bool is_our_archive(Bytes untrusted, Deadline deadline) {
  return is_archive(untrusted, 0, deadline);
}

} // namespace sekisho::verify
