// The control words of RTF that matter to its text; private to text.
#pragma once

#include <cstdint>
#include <string_view>

namespace sekisho::text {

enum class RtfWord : std::uint8_t {
  unknown, // passed over; a destination marked \* is left out
  dropped, // a destination that is no text
  picture, // one that is a picture
  comment, // one that a reader of the page does not see
  remote,  // one that names something elsewhere
  shown,   // a destination whose text is read
  note,    // at the foot of a page or behind the text
  aside,   // what stands above or below the text of a page
  property, // of a shape
  property_name,
  property_value,
  object,  // an embedded object; what it shows is read
  font_table,
  field,
  instruction, // of a field
  result,      // of a field
  form,        // what a field of a form is, in its instruction
  form_type,
  form_result,
  form_default,
  form_entry, // of its list
  twice,       // \upr: once in a code page, once in Unicode
  unicode,     // \ud: the second
  hides,       // \v, \deleted: text that is not shown, until 0
  strikes,     // \strike and its like, until 0
  raises,      // \super, until 0
  lowers,      // \nosupersub, \sub
  plain,       // character properties back to their defaults
  font,
  font_charset, // the number of a character set, in the font table
  font_page,    // a code page, in the font table
  code_page,    // of the document
  page_mac,
  page_437,
  page_850,
  default_font,
  skipped_after_unicode, // \uc
  code_unit,             // \u
  binary,
  from_html, // a page was made RTF, and its tags stand in \htmltag
  html_tag,
  line_end,
  cell_end,
  row_end,
  character, // stands for one; see rtf_character()
};

/// `word`: letters only, without the backslash.
RtfWord rtf_word(std::string_view word);
/// The character that \bullet and its like stand for.
char32_t rtf_character(std::string_view word);
/// The code page of a font's character set (\fcharset); 0: that of the document.
unsigned rtf_page_of_charset(int charset);

} // namespace sekisho::text
