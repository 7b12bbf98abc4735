#include "sanitizer/rebuild/free_names.hh"

#include "base/fold.hh"
#include "sanitizer/text/clean.hh"

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_octets = 255; // of a file's name: ext4, XFS and others

std::string numbered(std::string_view name, unsigned copy) {
  return copy == 1 ? std::string(name) : std::string(name) + " (" + std::to_string(copy) + ")";
}

} // namespace

std::string FreeNames::take(std::string_view folder, const std::string &file) {
  const std::string place = free_folder(folder), ending = text::extension_of(file);
  const std::string stem(text::stem_of(file)), dotted = ending.empty() ? "" : "." + ending;
  for (unsigned copy = 1;; ++copy) {
    const std::string name = place + text::shortened(copy == 1 ? file : numbered(stem, copy) + dotted, most_octets);
    if (!folders_.contains(folded(name)) && names_.insert(folded(name)).second) return name;
  }
}

std::string FreeNames::free_folder(std::string_view folder) {
  std::string path;
  for (std::size_t slash; (slash = folder.find('/')) != folder.npos; folder.remove_prefix(slash + 1)) {
    unsigned copy = 1;
    while (names_.contains(folded(path + numbered(folder.substr(0, slash), copy))))
      ++copy;
    path += numbered(folder.substr(0, slash), copy);
    folders_.insert(folded(path));
    path += '/';
  }
  return path;
}

} // namespace sekisho::rebuild
