// Where html_to_text writes: words, line ends and quotation marks, with white space collapsed as a
// browser collapses it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::text {

class HtmlOutput {
public:
  explicit HtmlOutput(std::size_t octets) { text_.reserve(octets / 2); }

  /// White space inside becomes one space between words, or none where it ends a line between wide letters; each no-break
  /// space stays one.
  void put_text(std::string_view text);
  /// The same, but line ends stay.
  void put_lines(std::string_view text);
  /// As it is, line ends included: inside <pre>.
  void put_preformatted(std::string_view text);
  /// A word of ours, kept together.
  void put_word(std::string_view word);
  /// `words` before the next word, if one comes before close_mark(); then it stands behind the last one.
  void open_mark(std::string_view words) { pending_mark_ = words; }
  void close_mark(std::string_view words);
  /// A line of a list: `mark` stands before its first word, however many blocks that is in, or on a line of its own if none
  /// comes before end_item().
  void item(std::string mark);
  void end_item();
  /// Letters above or below the line begin or end here: what would read as one number with those before gets `mark`
  /// between, behind them a space.
  void shift(char mark);
  void end_shift();
  /// A <br>: always one line end.
  void line_break();
  /// The edge of a block: at least `line_ends` line ends (2 leave an empty line) before what
  /// follows.  One that holds nothing but no-break spaces is an empty line.
  void block(unsigned line_ends);
  /// The edge of what stands apart from the words beside it.
  void space();
  /// The edge of a table cell.
  void cell();
  void quote(bool deeper);
  /// What a link says is what comes from here on.
  void begin_link() { link_start_ = none; }
  std::string_view link() const { return since(link_start_); }
  /// From here on first_word() is where the next word begins, once it is written; before that none.
  void watch() { first_word_ = none; }
  std::size_t first_word() const { return first_word_; }
  /// `text` in place of all that was written from `position` on.
  void replace_from(std::size_t position, std::string_view text) { text_.replace(position, text_.npos, text); }
  /// What has been written from there on.
  std::string_view since(std::size_t position) const {
    return std::string_view(text_).substr(std::min(position, text_.size())); // replace_from() may have made it shorter
  }
  std::string take();

  static constexpr std::size_t none = static_cast<std::size_t>(-1);

private:
  enum class Space : std::uint8_t { none, blank, line_end, edge }; // the last wins of what comes together

  bool is_apart() const;
  void put_space(std::string_view word);
  void keep_blanks(std::string_view blanks);
  void forget_blanks();
  void end_lines();
  void start_line();
  void before_word(std::string_view word);
  void before_letters(std::string_view word);
  void end_as_fraction();

  static constexpr unsigned max_line_ends = 2;
  static constexpr unsigned max_quotes = 8; // of which each has its mark
  unsigned quote_marks() const { return std::min(quotes_, max_quotes); }

  std::string text_;
  bool at_line_start_ = true;
  Space pending_space_ = Space::none;
  bool pending_cell_ = false;
  std::string blanks_; // that are kept, if a word of the line comes behind them
  unsigned pending_line_ends_ = 0;
  unsigned quotes_ = 0, quotes_before_ = 0; // of the line before
  std::string_view pending_mark_;
  std::string item_;
  char shift_ = '\0'; // what comes before the next letters, if they could be read as one with those before
  bool is_shifted_ = false;
  std::size_t first_word_ = none, link_start_ = none;
};

} // namespace sekisho::text
