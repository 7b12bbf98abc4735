#include "gateway/role/severed.hh"

#include "gateway/role/state_file.hh"

#include <algorithm>
#include <iterator>
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
  severed.kept_ = severed.zones_;
  return severed;
}

std::string Severed::text() const {
  std::string text = join_lines(zones_, ' ');
  if (!text.empty()) text.pop_back();
  return text;
}

void Severed::sever(const std::string &zone) {
  is_owed_ |= zones_.insert(zone).second;
}

Result<void> Severed::keep() { return is_owed_ ? store(zones_) : Result<void>(); }

std::vector<std::string> Severed::not_kept() const {
  std::vector<std::string> zones;
  std::ranges::set_difference(zones_, kept_, std::back_inserter(zones));
  return zones;
}

Result<void> Severed::join(const std::string &zone) {
  std::set<std::string> zones = zones_;
  zones.erase(zone);
  TRY(store(zones));
  zones_ = std::move(zones);
  return {};
}

Result<void> Severed::store(const std::set<std::string> &zones) {
  is_owed_ = true; // a replacement that fails may have happened all the same
  TRY(replace_file(path_, join_lines(zones, '\n'), 0644));
  kept_ = zones;
  is_owed_ = false;
  return {};
}

} // namespace sekisho::role
