// The words of the note (H2) as text that an administrator may edit: a few sections, paragraphs, and
// placeholders where our lists and numbers go.  Read by the rule checker and, again, by the worker.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

enum class NoteItem : std::uint8_t {
  text,
  receipt, // {receipt}: the receipt number
  count,   // {count}: how many parts were taken out
  original, // {original}: nothing itself; its line is there only where the original is kept
  taken,   // lists, each on a line of its own
  changed,
  body,
  whole,
};

struct NotePiece {
  NoteItem item = NoteItem::text;
  std::string text;
};
using NoteLine = std::vector<NotePiece>;          // a list stands alone in its line
using NoteParagraph = std::vector<NoteLine>;      // between empty lines
using NoteSection = std::vector<NoteParagraph>;

struct NoteWords {
  NoteSection heading; // before the mail's text; may be empty
  NoteSection japanese, english;
  std::string subject;     // before the subject of a mail whose sender is not known; may be empty
};

/// What is wrong with the text, or what its author may not have meant.  Columns are 1-based and count
/// characters, both inclusive.
struct NoteFinding {
  bool is_error = true;
  std::uint32_t line = 1, first_column = 1, last_column = 1;
  std::string message, help;
  std::string unknown; // the word that is no placeholder or section
  std::span<const std::string_view> known; // the words that could have been meant
};

struct ReadNote {
  std::optional<NoteWords> words; // nothing: there are errors
  std::string plain;              // the text without byte order mark, CR and comments: Plan::note_words
  std::vector<NoteFinding> findings;
};

constexpr std::size_t max_note_words = 64u << 10; // octets

/// Never fails otherwise than by findings, whatever the text.
ReadNote read_note_words(std::string_view text);

/// The words that come with the program; deploy/notes/default.txt is the same text.
std::string_view built_in_note_words();

} // namespace sekisho::rebuild
