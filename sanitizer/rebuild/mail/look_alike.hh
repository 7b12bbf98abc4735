// What a reader would take for the gateway's own words, in whatever characters it is written (H2).  Private to rebuild.
#pragma once

#include <string>
#include <string_view>

namespace sekisho::rebuild {

/// Whatever the words of the note say, these are ours.
constexpr std::string_view own_marks[] = {"【関所】", "[Sekisho]"};

/// Unicode's spaces, joiners and the like, and marks on nothing.
bool is_unseen(char32_t c);
/// As it is seen at a glance: without blanks and what is unseen, letters of other scripts, widths and shapes as the small
/// Latin ones that they look like, brackets of all kinds but of quotations as [ and ].  At most `octets` and a character of it.
std::string at_a_glance(std::string_view utf8, std::size_t octets = std::string_view::npos);
/// Whether one of our marks, or what looks like it, is the first thing in a line that is not punctuation.  A line that
/// begins with '>' is a quotation.
bool begins_with_mark(std::string_view line);

/// One of our marks, or one in other square brackets, behind a blank or punctuation anywhere in a text.
class MarksInside {
public:
  explicit MarksInside(std::string_view text) : text_(text) {}
  /// Where the next one opens, at `from` or behind it; npos: nowhere.  Asked for ever later places.
  std::size_t next(std::size_t from);

private:
  static constexpr std::size_t kinds = 3;
  bool is_mark(std::size_t &at) const;
  std::size_t find(std::size_t kind, std::size_t from) const;
  std::string_view text_;
  std::size_t found_ = 0;
  std::size_t at_[kinds] = {}; // where the next octet of each kind stands with which one may be told
  bool begun_ = false;
};

/// The line behind the symbols and blanks that it begins with; nothing where one is the '>' of a quotation.
std::string_view behind_symbols(std::string_view line);

/// Whether a kana or kanji comes first that looks like nothing else: then no mark does, and at a glance the line begins with
/// these three octets.  As most lines of Japanese do.
bool begins_as_itself(std::string_view line);

/// Of one line (a subject, a name): with our marks in round brackets, and a word in front that it is the sender's.  As it is
/// where there are none and it does not begin as `mark` (empty: none) does.
std::string told_as_senders(std::string line, std::string_view mark = {});

/// Whether a display name holds an address that at a glance is of another domain than `address`, or of a free mail service, in
/// whose domain anybody may be behind it, another one: many programs show the name alone.
bool holds_other_address(std::string_view name, std::string_view address);

} // namespace sekisho::rebuild
