// Text to words.  Every token knows its place; comments are kept for `sekisho fmt`.
#pragma once

#include "rules/report.hh"

#include <deque>
#include <memory>

namespace sekisho::rules {

constexpr std::size_t max_source_octets = 16u << 20;
constexpr std::size_t max_word_characters = 255;
constexpr std::size_t max_string_characters = 400;

/// Texts that do not stand in a source as they are meant: strings with escapes, mistyped words.
class Texts {
public:
  std::string_view keep(std::string text) { return kept_.emplace_back(std::move(text)); }

private:
  std::deque<std::string> kept_;
};

struct Token {
  /// bad: reported already; the parser passes over the item it stands in without another word.
  enum class Type : std::uint8_t { word, string, open, close, comma, bad, end };
  Type type = Type::end;
  bool after_blank = false; // first on its line, and the line above is empty
  std::string_view text;    // a string without quotes and escapes; in the source or in Texts
  Place place;
};

/// From '#' to the end of the line, without trailing blanks.
struct Comment {
  std::string text;
  std::uint32_t line = 0;
  std::size_t before = 0;   // number of the token that follows
  bool own_line = false;    // nothing else on the line before it
  bool after_blank = false; // the line above is empty
};
enum class Comments : bool { dropped, kept };

class Lexer;

/// The tokens of a file by number, read when they are asked for and kept until they are forgotten:
/// a big file is never in memory as tokens.  Bad characters are reported and skipped, so that the
/// parser can find more.
class Tokens {
public:
  /// The source and the texts must outlive what is read.
  Tokens(const SourceFile &source, std::uint32_t file, Comments comments, Texts &texts,
         Reporter &reporter);
  ~Tokens();
  /// Behind the last token, an `end`.  Good until the token is forgotten.
  const Token &operator[](std::size_t number) const;
  void forget_before(std::size_t number);
  /// Of what was read so far.
  const std::vector<Comment> &comments() const;

private:
  std::unique_ptr<Lexer> lexer_;
};

} // namespace sekisho::rules
