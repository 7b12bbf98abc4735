#include "base/utf8.hh"
#include "sanitizer/text/japanese_name.hh"
#include "sanitizer/zip/directory.hh"

#include <algorithm>

namespace sekisho::zip {
namespace {

bool says_utf8(const Entry &entry) {
  return (entry.flags & utf8_flag) != 0 || !entry.extra.unicode_path.empty();
}

/// Chance makes UTF-8 of half-width katakana, but hardly one of three octets.
bool has_long_character(std::string_view utf8) {
  return std::ranges::any_of(utf8, [](char c) { return static_cast<unsigned char>(c) >= 0xe0; });
}

text::Decoded of_shift_jis(const Entry &entry) { return text::decode({text::Scheme::shift_jis}, entry.raw_name); }

/// What the names of an archive say of each other.
struct Names {
  bool utf8 = false;     // all can be that
  bool some_euc = false; // one can be nothing else
};

std::string decoded(const Entry &entry, const Names &names) {
  if (!entry.extra.unicode_path.empty()) return std::string(as_chars(entry.extra.unicode_path));
  const std::string_view raw = as_chars(entry.raw_name);
  if (names.utf8 || (entry.flags & utf8_flag) != 0 || (utf8_valid(raw) && has_long_character(raw))) return std::string(raw);
  return text::decode_japanese_name(entry.raw_name, of_shift_jis(entry), names.some_euc).text;
}

bool has_control(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const char32_t c = utf8_next(name, at);
    if (c == utf8_invalid || c < 0x20 || (c >= 0x7f && c < 0xa0)) return true;
  }
  return false;
}

bool has_drive(std::string_view name) {
  return name.size() >= 2 && name[1] == ':' &&
         ((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z'));
}

/// The folders and the name without "." and empty ones; false where it leads elsewhere.
bool split_path(std::string_view path, std::string &name) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view step = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (step == "..") return false;
    if (step.empty() || step == ".") continue;
    if (!name.empty()) name += '/';
    name += step;
  }
  return !name.empty();
}

/// The DOS attribute of a folder, where the maker's attributes are DOS ones.
bool has_folder_attribute(const Entry &entry) {
  const unsigned maker = entry.made_by >> 8;
  return (maker == 0 || maker == 10 || maker == 11 || maker == 14) &&
         (entry.attributes & 0x10) != 0;
}

void name_member(const Entry &entry, Member &member, const Names &names, bool backslashes) {
  std::string path = decoded(entry, names);
  const auto bad = [&](const char *what) {
    if (!member.fault) member.fault = {Reason::zip_name, what};
  };
  if (has_control(path)) bad("control characters, or no UTF-8");
  if (backslashes)
    std::replace(path.begin(), path.end(), '\\', '/');
  else if (path.find('\\') != std::string::npos)
    bad("backslash");
  if (path.starts_with('/') || path.starts_with('\\')) bad("absolute");
  if (has_drive(path)) bad("drive");
  member.folder = path.ends_with('/') || (entry.size == 0 && has_folder_attribute(entry));
  if (!split_path(path, member.name)) bad("leads elsewhere, or empty");
  if (member.fault.reason == Reason::zip_name) member.name = path;
}

} // namespace

bool leads_elsewhere(std::string_view path) {
  std::string ignored;
  return path.starts_with('/') || has_drive(path) || !split_path(path, ignored);
}

void name_members(const std::vector<Entry> &entries, Archive &archive, bool backslashes) {
  archive.utf8_names = std::all_of(entries.begin(), entries.end(), [](const Entry &entry) {
    return says_utf8(entry) || utf8_valid(as_chars(entry.raw_name));
  });
  const bool some_euc = !archive.utf8_names && std::any_of(entries.begin(), entries.end(), [](const Entry &entry) {
    return !says_utf8(entry) && text::is_euc_alone(entry.raw_name, of_shift_jis(entry));
  });
  for (std::size_t i = 0; i < entries.size(); ++i)
    name_member(entries[i], archive.members[i], {archive.utf8_names, some_euc}, backslashes);
}

} // namespace sekisho::zip
