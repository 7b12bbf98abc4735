// Text to words.  Every token knows its place; comments are kept for `sekisho fmt`.
#pragma once

#include "rules/report.hh"

namespace sekisho::rules {

constexpr std::size_t max_source_octets = 16u << 20;
constexpr std::size_t max_word_characters = 255;
constexpr std::size_t max_string_characters = 400;

struct Token {
  /// bad: reported already; the parser passes over the item it stands in without another word.
  enum class Type : std::uint8_t { word, string, open, close, comma, bad, end };
  Type type = Type::end;
  std::string text; // a string without quotes and escapes
  Place place;
  bool after_blank = false; // first on its line, and the line above is empty
};

/// From '#' to the end of the line, without trailing blanks.
struct Comment {
  std::string text;
  std::uint32_t line = 0;
  std::size_t before = 0;   // index of the token that follows
  bool own_line = false;    // nothing else on the line before it
  bool after_blank = false; // the line above is empty
};

struct Lexed {
  std::vector<Token> tokens; // ends in one `end`
  std::vector<Comment> comments;
};

/// Bad characters are reported and skipped, so that the parser can find more.
Lexed lex(const SourceFile &source, std::uint32_t file, Reporter &reporter);

} // namespace sekisho::rules
