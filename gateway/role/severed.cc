#include "gateway/role/severed.hh"

#include "gateway/role/state_file.hh"

#include <sstream>

namespace sekisho::role {
namespace {

constexpr std::size_t max_file = 64 * 1024; // octets

std::string join_lines(const std::set<std::string> &zones, char separator) {
  std::string text;
  for (const std::string &zone : zones) text += zone + separator;
  return text;
}

} // namespace

Result<Severed> Severed::open(std::string path) {
  Severed severed;
  severed.path_ = std::move(path);
  // Not knowing which zones are cut off, none may be opened.
  Result<std::optional<std::string>> text = read_state_file(severed.path_, max_file);
  if (!text) return fail("which zones are severed? " + text.error().what);
  std::istringstream words(text->value_or(""));
  for (std::string zone; words >> zone;) severed.zones_.insert(zone);
  return severed;
}

std::string Severed::text() const {
  std::string text = join_lines(zones_, ' ');
  if (!text.empty()) text.pop_back();
  return text;
}

Result<void> Severed::sever(const std::string &zone) {
  std::set<std::string> zones = zones_;
  zones.insert(zone);
  return store(std::move(zones));
}

Result<void> Severed::join(const std::string &zone) {
  std::set<std::string> zones = zones_;
  zones.erase(zone);
  return store(std::move(zones));
}

Result<void> Severed::store(std::set<std::string> zones) {
  TRY(replace_file(path_, join_lines(zones, '\n'), 0644));
  zones_ = std::move(zones);
  return {};
}

} // namespace sekisho::role
