// Text that shows what it is: no control characters, nothing invisible, nothing that turns the
// reading direction round (H1).  What verify::accept_text wants.
#pragma once

#include "sanitizer/text/emoji.hh"

#include <string>
#include <string_view>

namespace sekisho::text {

/// What was met on the way; only ever set to true.
struct Findings {
  bool unreadable = false; // U+FFFD, or a private character shown as 〓
  bool control = false;    // control characters taken out, invisible and bidirectional ones shown
};

/// Lines end in LF (CR LF, CR, VT, FF, NEL, U+2028, U+2029 are line ends too); TAB stays; other
/// control characters go.  Bidirectional and zero-width controls are written [U+202E]; a run of
/// zero-width ones once.  A
/// character keeps one variation selector.  Private characters become the
/// emoji that the `carrier` means by them, else 〓.  `utf8`: may be ill-formed.
std::string clean(std::string_view utf8, Findings &findings, Carrier carrier = Carrier::unknown);

/// The same for one line: line ends and TAB become a space, runs of spaces one, none at the ends.
std::string clean_line(std::string_view utf8, Findings &findings);

constexpr std::size_t most_file_name = 240; // octets; file systems take 255, and an ending or a number may follow

/// A file name that names a file in no other folder and hides nothing: of a path the last component, without
/// characters that file systems or a shell give a meaning, no dot in front, shortened to `most` octets.
/// Empty when nothing is left.
std::string clean_file_name(std::string_view utf8, Findings &findings, std::size_t most = most_file_name);

/// What is more than `most` octets has "…" for its middle: series differ at the end.  The extension is kept.
std::string shortened(std::string_view file_name, std::size_t most);

/// The extension in lower case without the dot, or empty.
std::string extension_of(std::string_view file_name);
/// The name without it.
std::string_view stem_of(std::string_view file_name);

} // namespace sekisho::text
