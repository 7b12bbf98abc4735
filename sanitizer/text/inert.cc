#include "sanitizer/text/inert.hh"

#include "base/find.hh"
#include "base/text.hh"

#include <algorithm>
#include <array>

namespace sekisho::text {
namespace {

constexpr std::array<std::string_view, 22> active = {
    "script", "iframe", "frame", "frameset", "object", "embed", "applet", "svg",   "math",  "html", "body",
    "meta",   "link",   "style", "form",     "base",   "img",   "video",  "audio", "bgsound", "xml", "xsl"};
constexpr std::array<std::string_view, 3> script_schemes = {"javascript", "vbscript", "livescript"};

bool is_word(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, {}, lower);
}

/// The letters `text` begins with.
std::string_view letters(std::string_view text) {
  return text.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_letter) -
                                                 text.begin()));
}

/// As HTML reads it, or as a prefix; no address goes on so.
bool ends_name(std::string_view behind) {
  return behind.empty() || std::string_view(" \t\n/><:").find(behind.front()) != std::string_view::npos;
}

bool is_active(std::string_view behind) {
  const std::string_view name = letters(behind);
  if (name.empty() || !ends_name(behind.substr(name.size()))) return false;
  const auto is_name = [&](std::string_view word) {
    return word.size() == name.size() && word.front() == lower(name.front()) && is_word(name, word);
  };
  return std::ranges::any_of(active, is_name);
}

/// `tag`: up to its end or the next one.  `onload=` behind a blank, a slash or a value's end.
bool has_handler(std::string_view tag) {
  for (std::size_t sign = tag.find('='); sign != tag.npos; sign = tag.find('=', sign + 1)) {
    std::size_t end = sign;
    while (end > 0 && (tag[end - 1] == ' ' || tag[end - 1] == '\t' || tag[end - 1] == '\n'))
      --end;
    std::size_t start = end;
    while (start > 0 && is_letter(tag[start - 1]))
      --start;
    if (end - start > 3 && is_word(tag.substr(start, 2), "on") && start > 0 &&
        std::string_view(" \t\n/\"'").find(tag[start - 1]) != std::string_view::npos)
      return true;
  }
  return false;
}

/// Whether what follows a '<' makes it the start of markup, under whatever prefix (XML names).
bool begins_markup(std::string_view behind) {
  if (behind.starts_with('!') || behind.starts_with('?')) return true;
  if (behind.starts_with('/')) behind.remove_prefix(1);
  if (is_active(behind)) return true;
  const std::string_view tag = behind.substr(0, find_either(behind, 0, '<', '>'));
  const auto ends_prefix = [](char c) { return c == ':' || c == ' ' || c == '\t' || c == '\n' || c == '/' || c == '=' || c == '"' || c == '\''; };
  const auto prefix = static_cast<std::size_t>(std::ranges::find_if(tag, ends_prefix) - tag.begin());
  if (prefix > 0 && prefix < tag.size() && tag[prefix] == ':' && is_active(tag.substr(prefix + 1))) return true;
  return !tag.empty() && is_letter(tag.front()) && has_handler(tag);
}

/// "<?xml version=…?>", which does nothing; other instructions ("<?xml-stylesheet") do.
bool is_xml_declaration(std::string_view behind) {
  constexpr std::string_view start = "?xml";
  return behind.starts_with(start) && behind.size() > start.size() &&
         std::string_view(" \t\n").find(behind[start.size()]) != std::string_view::npos;
}

/// Of what stands first in a text: a root of XML, or a table that a spreadsheet opens, by which programs guess what the
/// whole is.  An attribute's value may hold a '>', and no '<'.
bool begins_document(std::string_view behind) {
  const std::string_view tag = behind.substr(0, behind.find('<'));
  if (tag.empty() || std::string_view(" \t\n").find(tag.front()) != tag.npos) return false;
  return tag.find("xmlns") != tag.npos || is_word(letters(tag), "table");
}

/// Whether a ':' ends the name of a script scheme.
bool ends_script_scheme(std::string_view before) {
  return std::ranges::any_of(script_schemes, [&](std::string_view scheme) {
    return before.size() >= scheme.size() &&
           is_word(before.substr(before.size() - scheme.size()), scheme);
  });
}

} // namespace

std::string inert(std::string_view text, bool &found) {
  std::string result;
  result.reserve(text.size() + 16);
  const std::size_t first = text.find_first_not_of(" \t\n");
  std::size_t copied = 0;
  for (std::size_t i = 0; (i = find_either(text, i, '<', ':')) < text.size(); ++i) {
    const bool is_less = text[i] == '<';
    const bool is_declaration = is_less && is_xml_declaration(text.substr(i + 1));
    std::size_t gap = i;
    if (is_declaration && i != first) continue;
    if (is_less) {
      const std::string_view behind = text.substr(i + 1);
      if (!begins_markup(behind) && !(i == first && begins_document(behind))) continue;
      gap = i + 1;
    } else if (!ends_script_scheme(text.substr(copied, i - copied))) {
      continue;
    }
    result += text.substr(copied, gap - copied);
    result += ' ';
    copied = gap;
    found = found || !is_declaration;
  }
  result += text.substr(copied);
  return result;
}

} // namespace sekisho::text
