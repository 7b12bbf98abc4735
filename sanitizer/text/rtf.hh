// RTF to readable text in one pass (H3).  Rich Text Format 1.9.1, read the way Word reads it: what
// is not known is passed over.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"

#include <string>

namespace sekisho::text {

struct RtfText {
  std::string text;       // UTF-8, not cleaned
  std::size_t errors = 0; // octets that stand for nothing in their code page; each one U+FFFD
  bool script = false;    // a link whose target is a program
  bool hidden = false;    // text not shown to a reader, left out
  bool active = false;    // embedded objects, fields that fetch from other programs (DDE)
  bool remote = false;    // a template or a field that fetches from elsewhere
  bool picture = false;   // left out
  bool damaged = false;   // nested deeper than any writer nests; what is deeper is left out
};

/// Paragraphs, table cells (TAB between them) and lists as text; a link as `text <hxxps://true[.]target/>`.  A note is [1]
/// in its place; its words stand behind the text, then headers, footers and the words that
/// shapes are (watermarks), each on lines of their own.  Characters by the code page of their font, \ansicpg or \u.
/// Linear in time.  Empty text where it is no RTF.
RtfText rtf_to_text(Bytes rtf);

/// Why no program should be given it: groups without end or deeper than any writer nests them, binary data
/// longer than the file (part_malformed, part_too_deep); else Reason::none.  Linear in time, no memory.
Reason fault_of_rtf(Bytes rtf);
constexpr std::size_t most_rtf_depth = 400;

} // namespace sekisho::text
