#include "sanitizer/text/html_style.hh"

#include "sanitizer/text/html_tags.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace sekisho::text {
namespace {

constexpr std::size_t longest_name = 32, longest_value = 256;
constexpr double least_size = 3;        // pixels of a letter that anybody reads
constexpr double least_part = 0.1;      // of full size or opacity
constexpr double far_away = 500;        // pixels outside
constexpr double least_gap = 6;         // pixels between lines that set them apart
constexpr unsigned least_contrast = 17; // of 255, in one of the three

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != text.npos;
}

struct Length {
  double number = 0;
  std::string_view unit;
  double pixels() const {
    struct Row {
      std::string_view unit;
      double pixels;
    };
    constexpr Row rows[] = {{"px", 1},      {"", 1},    {"pt", 4.0 / 3}, {"pc", 16}, {"in", 96}, {"cm", 37.8},
                            {"mm", 3.78},   {"q", 0.9}, {"em", 16},      {"rem", 16}, {"ex", 8},  {"ch", 8},
                            {"vw", 10},     {"vh", 8},  {"vmin", 8},     {"vmax", 10}};
    for (const Row &row : rows)
      if (row.unit == unit) return number * row.pixels;
    return number == 0 ? 0 : 100;
  }
  bool is_relative() const { return unit == "%" || unit == "em" || unit == "ex" || unit == "ch"; }
};

/// A number and its unit at the beginning, also the only one of a calc().
std::optional<Length> length_of(std::string_view value) {
  if (value.starts_with("calc(")) value.remove_prefix(5);
  while (value.starts_with(' ') || value.starts_with('+'))
    value.remove_prefix(1);
  Length length;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length.number);
  if (error != std::errc() || !std::isfinite(length.number)) return {};
  value.remove_prefix(static_cast<std::size_t>(end - value.data()));
  length.unit = value.substr(0, std::min(value.find_first_of(" )/,"), value.size()));
  return length;
}

std::optional<double> part_of(std::string_view value) {
  const std::optional<Length> length = length_of(value);
  if (!length) return {};
  return length->unit == "%" ? length->number / 100 : length->number;
}

/// The lengths that a shorthand lists.
template <class Each> void each_word(std::string_view value, Each each) {
  while (!value.empty()) {
    const std::size_t end = std::min(value.find(' '), value.size());
    if (end > 0) each(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

enum class Size : std::uint8_t { none, absolute, relative, unseen };

Size size_of(std::string_view value) {
  const std::optional<Length> length = length_of(value);
  if (!length) {
    for (const std::string_view word : {"larger", "smaller", "inherit", "unset"})
      if (value == word) return Size::relative;
    const bool is_named = value.ends_with("small") || value.ends_with("large");
    return is_named || value == "medium" || value == "initial" ? Size::absolute : Size::none;
  }
  if (length->number < 0 || (length->unit.empty() && length->number != 0)) return Size::none;
  if (length->is_relative())
    return length->number < (length->unit == "%" ? least_part * 100 : least_part) ? Size::unseen : Size::relative;
  return length->pixels() < least_size ? Size::unseen : Size::absolute;
}

/// "font: bold 0/0 a": the first length, which numbers without a unit are not, but 0.
Size size_in_font(std::string_view value) {
  Size found = Size::none;
  each_word(value, [&](std::string_view word) {
    if (found != Size::none) return;
    const std::optional<Length> length = length_of(word);
    const bool weight = length && length->unit.empty() && length->number != 0;
    if (!weight) found = size_of(word);
  });
  return found;
}

Colour of_channels(double red, double green, double blue) {
  const auto octet = [](double channel) {
    return static_cast<Colour>(std::lround(std::clamp(channel, 0.0, 255.0)));
  };
  return octet(red) << 16 | octet(green) << 8 | octet(blue);
}

Colour of_digits(std::string_view digits) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return unknown_colour;
  if (digits.size() == 8) return (number & 0xff) < 0x1a ? transparent : number >> 8;
  if (digits.size() == 6) return number;
  if (digits.size() == 4 && (number & 0xf) < 2) return transparent;
  if (digits.size() == 4) number >>= 4;
  if (digits.size() != 3 && digits.size() != 4) return unknown_colour;
  return (number & 0xf00) * 0x1100 | (number & 0xf0) * 0x110 | (number & 0xf) * 0x11;
}

/// rgb() and hsl(), with commas or without.
Colour of_function(std::string_view value) {
  const bool hsl = value.starts_with("hsl");
  std::string words(value.substr(std::min(value.find('('), value.size())));
  for (char &c : words)
    if (c == '(' || c == ')' || c == ',' || c == '/') c = ' ';
  std::array<Length, 4> parts;
  std::size_t count = 0;
  bool odd = false;
  each_word(words, [&](std::string_view word) {
    const std::optional<Length> length = length_of(word);
    odd = odd || !length || count == parts.size();
    if (!odd) parts[count++] = *length;
  });
  if (odd || count < 3) return unknown_colour;
  const double alpha = count < 4 ? 1 : parts[3].unit == "%" ? parts[3].number / 100 : parts[3].number;
  if (alpha < least_part) return transparent;
  if (hsl) return parts[2].number >= 100 ? white : parts[2].number <= 0 ? black : unknown_colour;
  for (Length &part : parts)
    if (part.unit == "%") part.number *= 2.55;
  return of_channels(parts[0].number, parts[1].number, parts[2].number);
}

/// How an alpha below one makes of a background what only who mixes colours knows.
bool is_half_seen(std::string_view value) {
  const bool function = value.starts_with("rgba") || value.starts_with("hsl");
  return has(value, "/") || (function && std::count(value.begin(), value.end(), ',') == 3 && !has(value, ",1)") &&
                             !has(value, ", 1)"));
}

Colour background_of(std::string_view value) {
  for (const std::string_view word : {"url(", "gradient(", "image(", "image-set(", "var("})
    if (has(value, word)) return unknown_colour;
  const std::size_t open = value.find('(');
  if (open != value.npos) {
    const std::size_t start = value.rfind(' ', open), first = start == value.npos ? 0 : start + 1;
    const std::string_view function = value.substr(first, value.find(')', open) - first + 1);
    const Colour colour = colour_of(function);
    return colour != transparent && is_half_seen(function) ? unknown_colour
           : colour == transparent                         ? inherited_colour
                                                           : colour;
  }
  Colour found = inherited_colour; // none, transparent, and what a shorthand does not say
  each_word(value, [&](std::string_view word) {
    const Colour colour = colour_of(word);
    if (colour < transparent) found = colour;
    const bool is_name = word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == word.npos;
    constexpr std::string_view no_colours = " none transparent inherit initial unset repeat scroll fixed local left "
                                            "right top bottom center cover contain ";
    if (colour == unknown_colour && is_name && !has(no_colours, std::string(1, ' ').append(word) + ' ')) found = unknown_colour;
  });
  return found;
}

/// rect(0 0 0 0), also with 1px: nothing to read in.
bool is_nothing(std::string_view value) {
  return value.find_first_of("0123456789") != value.npos && value.find_first_of("23456789") == value.npos &&
         !has(value, "auto") && !has(value, "10") && !has(value, "11");
}

/// The numbers among the arguments of a function.
std::vector<Length> arguments(std::string_view value) {
  std::vector<Length> lengths;
  value.remove_prefix(std::min(value.find('('), value.size()));
  std::string words(value.substr(0, value.find(')')));
  std::ranges::replace_if(words, [](char c) { return c == '(' || c == ','; }, ' ');
  each_word(std::string_view(words), [&](std::string_view word) {
    std::optional<Length> length = length_of(word);
    if (!length) return;
    length->unit = length->unit == "%" ? "%" : length->unit == "deg" ? "deg" : ""; // `words` ends here
    lengths.push_back(*length);
  });
  return lengths;
}

/// CSS Shapes Level 1 §3.1.
bool is_empty_path(std::string_view value) {
  const std::vector<Length> sides = arguments(value.substr(0, value.find(" round ")));
  if (sides.empty()) return false;
  if (value.starts_with("inset(")) { // from above, right, below, left
    const auto side = [&](std::size_t i) { return sides[i < sides.size() ? i : i - 2 < sides.size() ? i - 2 : 0]; };
    const auto is_part = [](const Length &one) { return one.unit == "%" || one.number == 0; };
    const auto meet = [&](const Length &a, const Length &b) { return is_part(a) && is_part(b) && a.number + b.number >= 100; };
    return meet(side(0), side(2)) || meet(side(1), side(3));
  }
  if (value.starts_with("polygon(")) return std::ranges::all_of(sides, [](const Length &one) { return one.number == 0; });
  return (value.starts_with("circle(") || value.starts_with("ellipse(")) && sides.front().number == 0;
}

bool is_within(std::string_view value, double pixels) {
  const std::optional<Length> length = length_of(value);
  return length && length->number >= 0 && length->pixels() <= pixels;
}

bool is_far(std::string_view value) {
  bool far = false;
  each_word(value, [&](std::string_view word) {
    const std::optional<Length> length = length_of(word);
    far = far || (length && length->number < 0 &&
                  (length->pixels() <= -far_away || (length->unit == "%" && length->number <= -100)));
  });
  return far;
}

bool fades(std::string_view value) { // filter: opacity(0), alpha(opacity=0)
  for (const std::string_view word : {"opacity(", "opacity="}) {
    const std::size_t at = value.find(word);
    if (at == value.npos) continue;
    const std::optional<double> part = part_of(value.substr(at + word.size()));
    return part && *part < least_part;
  }
  return false;
}

bool is_next_to_nothing(const Length &scale) {
  return std::abs(scale.unit == "%" ? scale.number / 100 : scale.number) < least_part;
}

/// CSS Transforms Level 2 §13: to nothing, or turned so that only its edge is seen.
bool shrinks(std::string_view transform) {
  for (std::size_t at = 0; at < transform.size();) {
    const std::size_t end = std::min(transform.find(')', at), transform.size());
    std::string_view one = transform.substr(at, end - at);
    at = end + 1;
    while (one.starts_with(' '))
      one.remove_prefix(1);
    std::vector<Length> numbers = arguments(one);
    if (numbers.empty()) continue;
    if (one.starts_with("scalez(") || numbers.size() > 6) continue;
    if (one.starts_with("scale") && std::ranges::any_of(numbers.begin(), numbers.begin() + std::min<std::ptrdiff_t>(2, std::ssize(numbers)), is_next_to_nothing))
      return true;
    const bool is_turned = numbers[0].unit == "deg" && std::fmod(std::abs(numbers[0].number), 180) == 90;
    if (is_turned && (one.starts_with("rotatex(") || one.starts_with("rotatey("))) return true;
    const auto area = [&] { return numbers[0].number * numbers[3].number - numbers[1].number * numbers[2].number; };
    if (one.starts_with("matrix(") && numbers.size() == 6 && std::abs(area()) < least_part * least_part) return true;
  }
  return false;
}

bool is_scaled_to_nothing(std::string_view scale) {
  bool found = false;
  std::size_t count = 0;
  each_word(scale, [&](std::string_view word) {
    const std::optional<Length> length = length_of(word);
    found = found || (count++ < 2 && length && is_next_to_nothing(*length));
  });
  return found;
}

bool moves_far(std::string_view value) { // translate(-9999px, 0)
  if (!has(value, "translate")) return false;
  std::string lengths(value);
  std::ranges::replace_if(lengths, [](char c) { return c == '(' || c == ',' || c == ')'; }, ' ');
  return is_far(lengths);
}

struct Known {
  std::string_view name;
  std::uint64_t property;
};
// Sorted by name.
constexpr Known properties[] = {
    {"-webkit-background-clip", Style::showing},
    {"-webkit-clip-path", Style::clip_path},
    {"-webkit-text-fill-color", Style::fill},
    {"-webkit-transform", Style::transform},
    {"background", Style::background},
    {"background-clip", Style::showing},
    {"background-color", Style::background},
    {"background-image", Style::background},
    {"clip", Style::clip},
    {"clip-path", Style::clip_path},
    {"color", Style::colour},
    {"content-visibility", Style::content_visibility},
    {"display", Style::display},
    {"filter", Style::filter},
    {"font", Style::size},
    {"font-family", Style::font},
    {"font-size", Style::size},
    {"height", Style::height},
    {"left", Style::place},
    {"letter-spacing", Style::spacing},
    {"list-style", Style::marks},
    {"list-style-type", Style::marks},
    {"margin", Style::margin | Style::tight_above | Style::tight_below},
    {"margin-bottom", Style::tight_below},
    {"margin-left", Style::margin},
    {"margin-top", Style::margin | Style::tight_above},
    {"max-height", Style::max_height},
    {"max-width", Style::max_width},
    {"opacity", Style::opacity},
    {"overflow", Style::overflow},
    {"overflow-x", Style::overflow},
    {"overflow-y", Style::overflow},
    {"padding", Style::padded_above | Style::padded_below},
    {"padding-bottom", Style::padded_below},
    {"padding-top", Style::padded_above},
    {"position", Style::positioned},
    {"scale", Style::scale},
    {"text-decoration", Style::struck},
    {"text-decoration-line", Style::struck},
    {"text-indent", Style::indent},
    {"text-shadow", Style::shadow},
    {"top", Style::place},
    {"transform", Style::transform},
    {"vertical-align", Style::raised | Style::lowered},
    {"visibility", Style::visibility},
    {"white-space", Style::white_space},
    {"width", Style::width},
};

static_assert(std::ranges::is_sorted(properties, {}, &Known::name));

const Known *known(std::string_view name) {
  constexpr std::string_view initials = "-bcdfhlmopstvw";
  if (name.empty() || initials.find(name.front()) == initials.npos) return nullptr;
  const auto found = std::lower_bound(std::begin(properties), std::end(properties), name,
                                      [](const Known &row, std::string_view wanted) { return row.name < wanted; });
  return found != std::end(properties) && found->name == name ? found : nullptr;
}

constexpr std::uint64_t room = Style::margin | Style::tight_above | Style::tight_below | Style::padded_above | Style::padded_below;

bool is_slight(std::string_view value) {
  const std::optional<Length> length = length_of(value);
  return value == "auto" || (length && length->pixels() < least_gap);
}

/// What of `property`, one or several of `room`, a margin or a padding says.
std::uint64_t room_of(std::uint64_t property, std::string_view value) {
  std::string_view top, bottom;
  unsigned count = 0;
  each_word(value, [&](std::string_view word) {
    if (count == 0) top = bottom = word;
    if (count++ == 2) bottom = word;
  });
  std::uint64_t says = is_far(value) ? Style::margin : std::uint64_t{0};
  says |= is_slight(top) ? Style::tight_above : Style::padded_above;
  says |= is_slight(bottom) ? Style::tight_below : Style::padded_below;
  return says & property;
}

Box box_of(std::string_view display) {
  for (const std::string_view block : {"block", "list-item", "table", "table-row", "flex", "grid", "flow-root"})
    if (display == block) return Box::block;
  for (const std::string_view word : {"inline-block", "table-cell", "inline-flex", "inline-grid", "inline-table"})
    if (display == word) return Box::word;
  return Box::none;
}

Kept kept_by(std::string_view white_space) {
  if (white_space == "pre-line") return Kept::lines;
  return white_space.starts_with("pre") || white_space == "break-spaces" ? Kept::all : Kept::none;
}

/// Whether it hides; nothing where the value is none.
std::optional<bool> hides(std::uint64_t property, std::string_view value) {
  switch (property) {
  case Style::display: return value == "none";
  case Style::content_visibility: return value == "hidden";
  case Style::shadow: return value == "none" || value == "initial";
  case Style::visibility: return value == "hidden" || value == "collapse";
  case Style::overflow: return value.starts_with("hidden") || value.starts_with("clip");
  case Style::positioned: return value == "absolute" || value == "fixed" || value == "relative";
  case Style::opacity: {
    const std::optional<double> part = part_of(value);
    if (!part) return {};
    return *part < least_part;
  }
  case Style::filter: return fades(value);
  case Style::struck: return has(value, "line-through");
  case Style::transform: return shrinks(value) || moves_far(value);
  case Style::scale: return is_scaled_to_nothing(value);
  case Style::showing: return has(value, "text");
  case Style::clip: return value.starts_with("rect(") && is_nothing(value);
  case Style::clip_path: return is_empty_path(value);
  case Style::indent:
  case Style::spacing:
  case Style::place: return is_far(value);
  default: return is_within(value, 1); // of what flows over nothing is shown
  }
}

std::uint8_t octet_of(double part) {
  return static_cast<std::uint8_t>(std::lround(std::clamp(part, 0.0, 1.0) * all_opaque));
}

void declare(Style &style, const Known *row, std::string_view value, bool important) {
  if (!row || value.empty()) return;
  const std::string_view name = row->name;
  Style one;
  one.set = row->property;
  if (row->property == Style::size) {
    const Size size = name == "font" ? size_in_font(value) : size_of(value);
    if (size == Size::none) return;
    one.set |= Style::relative_size;
    if (size == Size::unseen) one.hides = Style::size;
    if (size == Size::relative) one.hides = Style::relative_size;
  } else if (row->property == Style::colour) {
    one.text = colour_of(value);
  } else if (row->property == Style::fill) {
    one.filled = colour_of(value);
  } else if ((row->property & room) != 0) {
    one.hides = room_of(row->property, value);
  } else if (row->property == Style::white_space) {
    if (value == "inherit" || value == "unset") return;
    one.kept = kept_by(value);
  } else if (row->property == Style::marks) {
    if (value == "inherit" || value == "unset") return;
    each_word(value, [&](std::string_view word) { one.marked = one.marked == Marks::usual ? marks_named(word) : one.marked; });
    if (one.marked == Marks::none) one.hides = Style::marks;
  } else if (row->property == Style::font) {
    one.symbols = symbol_font(value.substr(0, value.find(',')));
  } else if (row->property == (Style::raised | Style::lowered)) {
    if (value == "super" || value == "sub") one.hides = value == "super" ? Style::raised : Style::lowered;
  } else if (row->property == Style::background) {
    one.behind = background_of(value);
    if (name == "background-image" && one.behind == inherited_colour) return; // none
  } else {
    const std::optional<bool> unseen = hides(row->property, value);
    if (!unseen) return;
    one.hides = *unseen ? row->property : 0;
    if (row->property == Style::display) one.box = box_of(value);
    if (row->property == Style::opacity) one.opaque = octet_of(*part_of(value));
  }
  if (!important && (style.important & one.set) != 0) return;
  style.put_on(one, one.set);
  style.important = important ? style.important | one.set : style.important;
}

/// Takes "!important" off the end.
bool take_important(std::string &value) {
  const std::size_t mark = value.rfind('!');
  if (mark == value.npos) return false;
  std::string_view word = std::string_view(value).substr(mark + 1);
  while (word.starts_with(' '))
    word.remove_prefix(1);
  if (word != "important") return false;
  value.resize(mark);
  return true;
}

void trim_end(std::string &text) {
  while (!text.empty() && is_space(text.back()))
    text.pop_back();
}

/// Up to its ';', or the '}' of the block: then true.
bool read_value(CssReader &css, std::string &value) {
  value.clear();
  std::string_view plain;
  if (css.take_plain_value(plain)) {
    for (const char c : plain.substr(0, longest_value))
      if (c != ' ' || !(value.empty() || value.back() == ' ')) value += lower(c);
    return false;
  }
  for (std::size_t depth = 0; css.next();) {
    if (css.is('{')) {
      css.skip_block();
      continue;
    }
    if (depth == 0 && css.is(';')) return false;
    if (depth == 0 && css.is('}')) return true;
    if (css.is('(')) depth++;
    if (css.is(')') && depth > 0) depth--;
    if (css.is_space() && (value.empty() || value.back() == ' ')) continue;
    if (value.size() < longest_value) value += css.is_space() ? ' ' : css.c();
  }
  return true;
}

} // namespace

Colour colour_of(std::string_view value) {
  struct Row {
    std::string_view name;
    Colour colour;
  };
  constexpr Row rows[] = {
      {"white", white},           {"black", black},         {"initial", black},         {"transparent", transparent},
      {"snow", 0xfffafa},         {"ivory", 0xfffff0},      {"ghostwhite", 0xf8f8ff},   {"whitesmoke", 0xf5f5f5},
      {"floralwhite", 0xfffaf0},  {"mintcream", 0xf5fffa},  {"azure", 0xf0ffff},        {"red", 0xff0000},
      {"blue", 0x0000ff},         {"green", 0x008000},      {"yellow", 0xffff00},       {"gray", 0x808080},
      {"grey", 0x808080},         {"silver", 0xc0c0c0},     {"navy", 0x000080},         {"maroon", 0x800000},
      {"orange", 0xffa500},       {"unset", inherited_colour}, {"inherit", inherited_colour},
      {"currentcolor", inherited_colour}};
  if (value.starts_with('#')) return of_digits(value.substr(1));
  if (value.starts_with("rgb") || value.starts_with("hsl")) return of_function(value);
  for (const Row &row : rows)
    if (row.name == value) return row.colour;
  return unknown_colour;
}

void Style::put_on(const Style &declared, std::uint64_t which) {
  which &= declared.set;
  set |= which;
  hides = (hides & ~which) | (declared.hides & which);
  if ((which & colour) != 0) text = declared.text;
  if ((which & background) != 0) behind = declared.behind;
  constexpr std::uint64_t rare = fill | opacity | font | display | white_space | marks;
  if ((which & rare) == 0) return;
  if ((which & fill) != 0) filled = declared.filled;
  if ((which & opacity) != 0) opaque = declared.opaque;
  if ((which & font) != 0) symbols = declared.symbols;
  if ((which & display) != 0) box = declared.box;
  if ((which & white_space) != 0) kept = declared.kept;
  if ((which & marks) != 0) marked = declared.marked;
}

void read_declarations(CssReader &css, Style &style) {
  std::string name, value;
  const auto read_rest = [&] { // of a declaration, behind its ':'
    const Known *row = known(name);
    std::string_view skipped;
    name.clear();
    if (!row && css.take_plain_value(skipped)) return false;
    const bool last = read_value(css, value);
    trim_end(value);
    const bool important = take_important(value);
    trim_end(value);
    declare(style, row, value, important);
    return last;
  };
  for (;;) {
    std::string_view plain;
    while (name.empty() && css.take_plain_name(plain)) {
      for (const char c : plain.substr(0, longest_name))
        name += lower(c);
      if (read_rest()) return;
    }
    if (!css.next() || css.is('}')) return;
    if (css.is('{')) css.skip_block(); // a rule in a rule
    if (css.is('{') || css.is('}') || css.is(';')) {
      name.clear();
    } else if (css.is(':')) {
      trim_end(name);
      if (read_rest()) return;
    } else if (css.is_space() ? !name.empty() : name.size() < longest_name) {
      name += css.c();
    }
  }
}

Look Look::inside(const Style &style) const {
  constexpr std::uint64_t alone = Style::display | Style::content_visibility | Style::opacity |
                                  Style::filter | Style::indent | Style::margin | Style::clip | Style::clip_path |
                                  Style::transform | Style::scale;
  const auto says = [&](std::uint64_t property) { return (style.hides & property) == property; };
  constexpr std::uint64_t narrow = Style::height | Style::max_height | Style::width | Style::max_width;
  Look own = *this;
  own.struck = says(Style::struck);
  own.raised = says(Style::raised);
  own.lowered = says(Style::lowered);
  own.box = (style.set & Style::display) != 0 ? style.box : Box::none;
  own.tight_above = says(Style::tight_above) && !says(Style::padded_above);
  own.tight_below = says(Style::tight_below) && !says(Style::padded_below);
  if ((style.set & Style::font) != 0) own.symbols = style.symbols;
  if ((style.set & Style::marks) != 0) own.marks = style.marked;
  if ((style.set & Style::white_space) != 0) own.kept = style.kept;
  own.gone = gone || (style.hides & alone) != 0 || says(Style::place | Style::positioned) ||
             (says(Style::overflow) && (style.hides & narrow) != 0);
  if ((style.set & Style::visibility) != 0) own.invisible = says(Style::visibility);
  if ((style.set & Style::opacity) != 0) own.opaque = static_cast<std::uint8_t>(opaque * style.opaque / all_opaque);
  if ((style.set & Style::fill) != 0) own.filled = style.filled;
  if ((style.set & Style::spacing) != 0) own.spaced = says(Style::spacing);
  own.shows_behind = shows_behind || says(Style::showing);
  if ((style.set & Style::shadow) != 0) own.shadowed = !says(Style::shadow);
  if ((style.set & Style::size) != 0) own.small = says(Style::size) || (small && says(Style::relative_size));
  if ((style.set & Style::colour) != 0 && style.text != inherited_colour) own.text = style.text;
  if ((style.set & Style::background) != 0 && style.behind != inherited_colour) own.behind = style.behind;
  return own;
}

bool Look::hides_text() const {
  if (gone || small || invisible || spaced || opaque < least_part * all_opaque) return true;
  if (behind > white || shadowed || shows_behind) return false; // a picture may show through letters too
  const Colour letters = filled == inherited_colour ? text : filled;
  if (letters > white) return letters == transparent;
  for (const unsigned shift : {0u, 8u, 16u}) {
    const unsigned a = letters >> shift & 0xff, b = behind >> shift & 0xff;
    if ((a > b ? a - b : b - a) >= least_contrast) return false;
  }
  return true;
}

} // namespace sekisho::text
