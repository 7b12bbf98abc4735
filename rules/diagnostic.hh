// A diagnostic is a value with places; drawing carets is another matter (render()).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace sekisho::rules {

/// One file as text.  `name` is what messages say.
struct SourceFile {
  std::string name;
  std::string text;
  bool is_note = false; // read because a rule names it (rules/notes.hh): `name` is its path as the rules have it
  std::string unread = {}; // of such a file: why it could not be read
};

/// A stretch of one line: columns are 1-based, counted in characters (not octets), both inclusive.
struct Place {
  std::uint32_t file = 0; // index into the sources
  std::uint32_t line = 1, first_column = 1, last_column = 1;
};

struct Diagnostic {
  enum class Level : std::uint8_t { error, warning, note };
  Level level = Level::error;
  std::string message;     // lower case, names the requirement where one is broken: "… (Z3)"
  Place place;             // ^^^^
  std::string requirement; // "Z3", or empty
  struct Related {
    Place place;      // ~~~~
    std::string text; // "only an IP address here"
  };
  std::vector<Related> related;
  std::string help; // the fix, as a sentence or the text to write
};

/// `file:line:col-col: error: message`, the line, carets, help.  Ends in a newline each.
std::string render(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> sources,
                   bool colour);

} // namespace sekisho::rules
