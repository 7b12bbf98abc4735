// HTML to readable text in one pass: the tokenizer of the HTML Standard without its tree (H1).
#pragma once

#include "base/bytes.hh"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sekisho::text {

struct HtmlText {
  std::string text;    // not cleaned: entities may have made any character
  bool script = false; // scripts, event attributes, javascript: links
  bool remote = false; // images, styles, frames from elsewhere
  bool hidden = false; // text not shown to a reader, left out
  bool active = false; // forms, embedded objects, redirections
};

/// Files that pictures of a page show, by what stands behind "cid:" (RFC 2392).
using PictureNames = std::map<std::string, std::string, std::less<>>;

/// Paragraphs, lists, tables and quotations as text; a link as `text <hxxps://true[.]target/>`
/// where the target is not the text; an image as its description and the name of its file.  Linear in time, bounded in
/// nesting.
HtmlText html_to_text(std::string_view utf8, const PictureNames &pictures = {});

/// Whether words may stand in a style sheet alone.
bool may_generate(std::string_view css);

/// The character set that a <meta> in the first 1024 octets declares, or empty.
std::string html_declared_charset(std::string_view octets);

/// Appends the character that a reference at `position` (behind its '&') stands for and moves
/// behind it; appends "&" where it stands for none.
void append_character_reference(std::string_view html, std::size_t &position, bool in_attribute,
                                std::string &out);

} // namespace sekisho::text
