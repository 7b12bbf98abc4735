#include "sanitizer/rebuild/office/picture_uses.hh"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

namespace sekisho::rebuild::ooxml {
namespace {

constexpr double whole = 1e6, too_narrow = 1000;
constexpr std::string_view sides_of_rectangle[] = {"l", "t", "r", "b"};
constexpr std::string_view sides_of_vml[] = {"cropleft", "croptop", "cropright", "cropbottom"};

bool is_vml(std::string_view tag) { return tag == "v:imagedata"; }
std::span<const std::string_view> names_of_sides(std::string_view tag) {
  return is_vml(tag) ? std::span(sides_of_vml) : std::span(sides_of_rectangle);
}

/// In millionths: thousandths of a percent, a percentage, and in VML fractions of 65536 or of one.
double side(std::string_view said, bool vml) {
  double number = 0;
  if (said.starts_with('+')) said.remove_prefix(1);
  const auto [end, error] = std::from_chars(said.data(), said.data() + said.size(), number);
  if (error != std::errc() || !std::isfinite(number)) return 0;
  const std::string_view unit = said.substr(static_cast<std::size_t>(end - said.data()));
  if (unit == "%") return number * whole / 100;
  if (unit == "f") return number * whole / 65536;
  return number * (vml ? whole : whole / 100'000);
}

} // namespace

bool PictureUses::may_crop(std::string_view xml) {
  return xml.find("<a:srcRect ") != xml.npos || xml.find(" crop") != xml.npos;
}

void PictureUses::read(std::size_t part, std::string_view xml, const std::vector<Relation> &relations,
                       const std::function<bool(std::size_t)> &is_picture) {
  std::unordered_map<std::string_view, std::size_t> pictures;
  for (const Relation &relation : relations)
    if (is_picture(relation.part)) pictures.emplace(relation.id, relation.part);
  if (pictures.empty()) return;
  constexpr std::size_t none = std::size_t{0} - 1;
  std::size_t blip = none, depth = 0; // which waits for its rectangle
  const auto sides_here = [](const XmlScanner &scanner) {
    Sides sides{};
    const std::span names = names_of_sides(scanner.name());
    for (const XmlScanner::Attribute &attribute : scanner.attributes())
      if (const auto name = std::ranges::find(names, attribute.name); name != names.end())
        sides[static_cast<std::size_t>(name - names.begin())] = side(trimmed(plain(attribute.value)), is_vml(scanner.name()));
    return sides;
  };
  XmlScanner scanner(xml);
  for (XmlScanner::Event event; (event = scanner.next()) != XmlScanner::Event::done && event != XmlScanner::Event::bad;) {
    if (event == XmlScanner::Event::end && blip != none && scanner.depth() + 1 < depth)
      note_use(std::exchange(blip, none), {});
    if (event != XmlScanner::Event::start) continue;
    const bool of_blip = scanner.name() == "a:srcRect" && blip != none && scanner.depth() == depth;
    const auto note_crop = [&](std::size_t picture) {
      const Sides sides = sides_here(scanner);
      note_use(picture, sides);
      if (sides != Sides{}) crops_[part].push_back({picture, scanner.position(), scanner.end_position(), sides});
    };
    if (of_blip) note_crop(std::exchange(blip, none));
    for (const XmlScanner::Attribute &attribute : scanner.attributes()) {
      const auto picture = attribute.name.starts_with("r:") ? pictures.find(attribute.value) : pictures.end();
      if (picture == pictures.end()) continue;
      if (is_vml(scanner.name()))
        note_crop(picture->second);
      else if (scanner.name() == "a:blip" && blip == none)
        blip = picture->second, depth = scanner.depth();
      else
        note_use(picture->second, {});
    }
  }
}

void PictureUses::note_use(std::size_t picture, const Sides &said) {
  Sides sides = said;
  for (double &one : sides)
    one = std::clamp(one, 0.0, whole);
  if (sides[0] + sides[2] >= whole || sides[1] + sides[3] >= whole) sides = {}; // which programs show as they like
  const auto [known, is_new] = unseen_.emplace(picture, sides);
  for (std::size_t i = 0; i < sides.size() && !is_new; ++i)
    known->second[i] = std::min(known->second[i], sides[i]);
}

job::Cut PictureUses::unseen_of(std::size_t picture) const {
  const auto known = unseen_.find(picture);
  if (known == unseen_.end() || std::ranges::max(known->second) < too_narrow) return {};
  const auto units = [&](std::size_t i) { return static_cast<std::uint32_t>(known->second[i]); };
  return {units(0), units(1), units(2), units(3), false};
}

std::string PictureUses::after_cuts(std::size_t part, const std::string &xml) const {
  const auto crops = crops_.find(part);
  if (crops == crops_.end()) return xml;
  std::string anew;
  std::size_t at = 0;
  for (const Crop &crop : crops->second) {
    const job::Cut cut = unseen_of(crop.picture);
    if (!cut) continue;
    anew.append(xml, at, crop.start - at);
    at = crop.end;
    XmlScanner scanner(std::string_view(xml).substr(crop.start, crop.end - crop.start));
    (void)scanner.next();
    const std::string_view name = scanner.name();
    const std::span names = names_of_sides(name);
    const double wide = whole - cut.left - cut.right, high = whole - cut.top - cut.bottom;
    const double cuts[] = {1.0 * cut.left, 1.0 * cut.top, 1.0 * cut.right, 1.0 * cut.bottom};
    anew.append("<").append(name);
    for (const XmlScanner::Attribute &attribute : scanner.attributes())
      if (std::ranges::find(names, attribute.name) == names.end())
        anew.append(" ").append(attribute.name).append("=\"").append(attribute.value).append("\"");
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double left = (crop.sides[i] - cuts[i]) / (i % 2 == 0 ? wide : high);
      const long units = std::lround(std::clamp(left, -1000.0, 1000.0) * (is_vml(name) ? 65536 : 100'000));
      if (units != 0)
        anew.append(" ").append(names[i]).append("=\"").append(std::to_string(units)).append(is_vml(name) ? "f\"" : "\"");
    }
    anew += xml[crop.end - 2] == '/' ? "/>" : ">";
  }
  return anew.append(xml, at);
}

} // namespace sekisho::rebuild::ooxml
