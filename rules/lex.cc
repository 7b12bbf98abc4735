#include "rules/lex.hh"

#include <fmt/format.h>

#include <algorithm>

namespace sekisho::rules {
namespace {

bool is_word_character(char32_t code) {
  return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
         (code >= '0' && code <= '9') ||
         (code < 0x80 && code != 0 &&
          std::string_view("-_.:/@*+").find(static_cast<char>(code)) != std::string_view::npos);
}

bool only_word_characters(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_word_character(static_cast<unsigned char>(c)); });
}

bool is_full_width(char32_t code) {
  return (code >= 0xff01 && code <= 0xff5e) || code == 0x3001 || code == 0xff64;
}

/// What an input method or a word processor leaves behind: full-width forms of ASCII, other blanks, and
/// what looks like '-' or stands for "from … to …".
char ascii_meant(char32_t code) {
  if (code == 0x3000 || code == 0xa0) return ' ';
  if (code == 0x3001 || code == 0xff64) return ','; // 、
  if ((code >= 0x2010 && code <= 0x2015) || code == 0x2212 || code == 0x30fc || code == 0x301c || code == 0xff5e ||
      code == '~')
    return '-'; // ‐ – — − ー 〜 ～
  return is_full_width(code) ? static_cast<char>(code - 0xff01 + '!') : '\0';
}

/// UTF-16, with a byte order mark or not: the words of a rule file are ASCII.
bool looks_like_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff") ||
         text.substr(0, 4).find('\0') != std::string_view::npos;
}

} // namespace

class Lexer {
public:
  Lexer(const SourceFile &source, std::uint32_t file, Comments comments, Texts &texts,
        Reporter &reporter)
      : rest_(source.text), file_(file), comments_wanted_(comments), texts_(texts),
        reporter_(reporter) {
    if (source.text.size() > max_source_octets) {
      reporter.error({file, 1, 1, 1}, fmt::format("file of {} octets; {} MiB at most",
                                                  source.text.size(), max_source_octets >> 20));
      rest_ = {};
    }
    if (looks_like_utf16(rest_)) {
      reporter_.error({file, 1, 1, 1}, "this is no UTF-8 text").help =
          "save the file as UTF-8 (not UTF-16, which some editors call Unicode)";
      rest_ = {};
    }
    if (rest_.substr(0, 3) == "\xef\xbb\xbf") rest_.remove_prefix(3); // byte order mark
  }

  const Token &token(std::size_t number) {
    while (number >= forgotten_ + tokens_.size() && !ended_) {
      if (!rest_.empty() && !reporter_.full()) {
        step();
        continue;
      }
      ended_ = true;
      tokens_.emplace_back().place = here();
    }
    return number < forgotten_ + tokens_.size() ? tokens_[number - forgotten_] : tokens_.back();
  }

  void forget_before(std::size_t number) {
    for (; forgotten_ < number && tokens_.size() > 1; ++forgotten_)
      tokens_.pop_front();
  }

  const std::vector<Comment> &comments() const { return comments_; }

private:
  Place here() const { return {file_, line_, column_, column_}; }
  Place since(std::uint32_t column) const {
    return {file_, line_, column, std::max(column, column_ - 1)};
  }

  Character peek() const { return first_character(rest_); }
  void advance(const Character &character) {
    rest_.remove_prefix(character.octets);
    ++column_;
  }
  void end_line() {
    rest_.remove_prefix(1);
    blank_line_above_ = line_is_blank_;
    line_is_blank_ = true;
    line_has_token_ = false;
    ++line_;
    column_ = 1;
  }
  bool at_line_end() const {
    return rest_.empty() || rest_[0] == '\n' || (rest_[0] == '\r' && rest_.substr(0, 2) == "\r\n");
  }

  void step() {
    char c = rest_[0];
    if (c == '\n') return end_line();
    if (c == ' ' || c == '\t' || (c == '\r' && rest_.substr(0, 2) == "\r\n"))
      return advance({U' ', 1, true});
    if (c == '#') return read_comment();
    if (c == '"') return read_string();
    if (c == '{') return punctuation(Token::Type::open);
    if (c == '}') return punctuation(Token::Type::close);
    if (c == ',') return punctuation(Token::Type::comma);
    if (is_word_character(peek().code)) return read_word();
    read_stray();
  }

  void punctuation(Token::Type type) {
    std::string_view text = rest_.substr(0, 1);
    std::uint32_t start = column_;
    advance(peek());
    push(type, text, since(start));
  }

  /// `text` stands in the source or is kept.
  void push(Token::Type type, std::string_view text, Place place) {
    Token &token = tokens_.emplace_back();
    token.after_blank = !line_has_token_ && blank_line_above_;
    line_is_blank_ = false;
    line_has_token_ = true;
    token.type = type;
    token.text = text;
    token.place = place;
  }

  void read_word() {
    std::string_view start = rest_;
    std::uint32_t column = column_;
    while (!rest_.empty() && is_word_character(peek().code))
      advance(peek());
    if (!at_line_end() && is_meant_word_character(peek().code)) { // 10．2.0.1: one word, told as one
      rest_ = start;
      column_ = column;
      return read_full_width();
    }
    std::string_view text = start.substr(0, start.size() - rest_.size());
    if (text.size() > max_word_characters) {
      reporter_.error(since(column), fmt::format("a word of {} characters; {} at most", text.size(),
                                                 max_word_characters));
      text = text.substr(0, max_word_characters);
    }
    push(Token::Type::word, text, since(column));
  }

  /// The text itself where it stands in the source as it is meant, else a copy that is kept.
  std::string_view kept(std::string_view source, const std::string &text) {
    source = source.substr(0, text.size());
    return source == text ? source : texts_.keep(text);
  }

  void read_string() {
    std::uint32_t column = column_;
    std::string text;
    std::size_t characters = 0;
    advance(peek());
    std::string_view start = rest_;
    while (!at_line_end() && rest_[0] != '"') {
      if (rest_[0] == '\\') {
        std::uint32_t escape = column_;
        advance(peek());
        if (at_line_end()) break;
        if (rest_[0] != '"' && rest_[0] != '\\')
          reporter_.error({file_, line_, escape, column_}, "unknown escape in a string").help =
              "after a backslash only \" or another backslash; write \\\\ for a backslash";
      }
      Character character = peek();
      if (!complain_about(character)) text.append(rest_.substr(0, character.octets));
      advance(character);
      ++characters;
    }
    if (text.empty() && characters > 0) text += '?'; // something is said, though not so
    bool closed = !at_line_end();
    if (closed)
      advance(peek());
    else
      reporter_.error(since(column), "string is not closed").help =
          "end it with \" on the same line";
    if (characters > max_string_characters) {
      reporter_.error(since(column), fmt::format("a string of {} characters; {} at most",
                                                 characters, max_string_characters)).help =
          "say it shorter";
      text = clip(text, max_string_characters);
    }
    push(closed ? Token::Type::string : Token::Type::bad, kept(start, text), since(column));
  }

  void read_comment() {
    Comment comment;
    comment.line = line_;
    comment.before = forgotten_ + tokens_.size();
    comment.own_line = !line_has_token_;
    comment.after_blank = blank_line_above_;
    while (!at_line_end() && !reporter_.full()) {
      Character character = peek();
      if (!complain_about(character)) comment.text.append(rest_.substr(0, character.octets));
      advance(character);
    }
    while (!comment.text.empty() && (comment.text.back() == ' ' || comment.text.back() == '\t'))
      comment.text.pop_back();
    line_is_blank_ = false;
    if (comments_wanted_ == Comments::kept) comments_.push_back(std::move(comment));
  }

  /// Characters that may stand nowhere, not even in a comment.
  bool complain_about(const Character &character) {
    std::string message, help;
    std::uint32_t *told_on_line = nullptr; // once a line is enough
    if (!character.valid) {
      told_on_line = &bad_encoding_line_;
      message = fmt::format("octet 0x{:02x} is not UTF-8", static_cast<unsigned char>(rest_[0]));
      help = "save the file as UTF-8 (not Shift_JIS or EUC-JP)";
    } else if (character.code == 0) {
      told_on_line = &nul_line_;
      message = "NUL octet";
      help = "rule files are plain text";
    } else if (character.code == '\r') {
      told_on_line = &return_line_;
      message = "carriage return inside a line";
      help = "end lines with LF or CRLF";
    } else if ((character.code < 0x20 && character.code != '\t') ||
               (character.code >= 0x7f && character.code < 0xa0)) {
      told_on_line = &control_line_;
      message = fmt::format("control character U+{:04X}", static_cast<unsigned>(character.code));
      help = "remove it";
    } else if (is_invisible_control(character.code)) {
      message = fmt::format("invisible character U+{:04X}", static_cast<unsigned>(character.code));
      help = "remove it: it can make the text read differently from what it says";
    } else {
      return false;
    }
    if (told_on_line && *told_on_line == line_) return true;
    if (told_on_line) *told_on_line = line_;
    reporter_.error(here(), std::move(message)).help = std::move(help);
    return true;
  }

  /// Characters that mean nothing outside strings and comments.  Where it is clear what was meant,
  /// it is reported once and read as that, so that one slip of an input method gives one error.
  void read_stray() {
    Character first = peek();
    line_is_blank_ = false;
    if (complain_about(first) || !first.valid) {
      push(Token::Type::bad, {}, here());
      return advance(first);
    }
    if (first.code == '\'' || first.code == 0x2018 || first.code == 0x201c ||
        first.code == 0x201d || first.code == 0xff02 || first.code == 0x300c)
      return read_other_quotes();
    if (first.code == ';' || first.code == 0xff1b) {
      reporter_.error(here(), "';' is not used in rules").help =
          "a sentence ends where the next begins; just remove it";
      return advance(first);
    }
    if (ascii_meant(first.code) != 0) return read_full_width();
    read_unknown();
  }

  bool at_separator() const {
    return at_line_end() || std::string_view(" \t\"#{},").find(rest_[0]) != std::string_view::npos;
  }

  static bool is_meant_word_character(char32_t code) {
    return is_word_character(static_cast<unsigned char>(ascii_meant(code)));
  }

  /// `tcp` typed with a Japanese input method, in whole or in part: reported, then read as `tcp`.
  void read_full_width() {
    std::string_view start = rest_;
    std::uint32_t column = column_;
    std::string meant;
    bool has_full_width = false;
    while (!at_line_end()) {
      char32_t code = peek().code;
      char ascii = is_word_character(code) ? static_cast<char>(code) : ascii_meant(code);
      const bool alone = !is_word_character(static_cast<unsigned char>(ascii));
      if (ascii == 0 || (alone && !meant.empty())) break;
      has_full_width |= is_full_width(code);
      meant += ascii;
      advance(peek());
      if (alone) break;
    }
    std::string shown = clip(start.substr(0, start.size() - rest_.size()), 20);
    if (meant == " ") {
      reporter_.error(since(column), shown == "\u00a0" ? "no-break space" : "ideographic space").help =
          "write an ordinary space";
      return;
    }
    reporter_.error(since(column), has_full_width ? fmt::format("full-width '{}'", shown)
                                                  : fmt::format("'{}' is not written so", shown))
        .help = fmt::format("write {}", clip(meant, 60));
    if (meant == "#") return read_comment();
    Token::Type type = meant == ","   ? Token::Type::comma
                       : meant == "{" ? Token::Type::open
                       : meant == "}" ? Token::Type::close
                                      : Token::Type::word;
    if (meant.size() > max_word_characters || !only_word_characters(meant))
      type = type == Token::Type::word ? Token::Type::bad : type;
    push(type, texts_.keep(std::move(meant)), since(column));
  }

  /// 'text', “text” or 「text」: reported, then read as a string.
  void read_other_quotes() {
    std::uint32_t column = column_;
    char32_t open = peek().code;
    std::string text;
    advance(peek());
    auto closes = [open](char32_t code) {
      if (open == '\'') return code == U'\'';
      if (open == 0x300c) return code == 0x300d;
      if (open == 0x2018) return code == 0x2019;
      return code == 0x201c || code == 0x201d || code == 0xff02;
    };
    bool closed = false;
    std::size_t characters = 0;
    while (!at_line_end() && !closed && characters++ < max_string_characters) {
      Character character = peek();
      closed = closes(character.code);
      if (!closed) text.append(rest_.substr(0, character.octets));
      advance(character);
    }
    reporter_.error(since(column), "text stands between \" and \"").help =
        closed ? fmt::format("write \"{}\"", clip(text, 60))
               : std::string("write \" on both sides");
    push(closed ? Token::Type::string : Token::Type::bad, texts_.keep(std::move(text)),
         since(column));
  }

  void read_unknown() {
    std::string_view start = rest_;
    std::uint32_t column = column_;
    bool ascii = peek().code < 0x80;
    while (!at_separator()) {
      Character character = peek();
      if (!character.valid || character.code < 0x20) break;
      advance(character);
    }
    std::string shown = clip(start.substr(0, start.size() - rest_.size()), 20);
    reporter_.error(since(column), fmt::format("'{}' means nothing here", shown)).help =
        ascii ? "remove it"
              : "names are ASCII letters, digits, '-' and '_'; other text stands between \" and \"";
    push(Token::Type::bad, {}, since(column));
  }

  std::string_view rest_;
  std::uint32_t file_;
  Comments comments_wanted_;
  Texts &texts_;
  Reporter &reporter_;
  std::deque<Token> tokens_; // from number `forgotten_` on
  std::size_t forgotten_ = 0;
  bool ended_ = false;
  std::vector<Comment> comments_;
  std::uint32_t line_ = 1, column_ = 1;
  std::uint32_t bad_encoding_line_ = 0, nul_line_ = 0, return_line_ = 0, control_line_ = 0;
  bool line_is_blank_ = true, line_has_token_ = false, blank_line_above_ = false;
};

Tokens::Tokens(const SourceFile &source, std::uint32_t file, Comments comments, Texts &texts,
               Reporter &reporter)
    : lexer_(std::make_unique<Lexer>(source, file, comments, texts, reporter)) {}
Tokens::~Tokens() = default;

const Token &Tokens::operator[](std::size_t number) const {
  return lexer_->token(number);
}
void Tokens::forget_before(std::size_t number) {
  lexer_->forget_before(number);
}
const std::vector<Comment> &Tokens::comments() const {
  return lexer_->comments();
}

} // namespace sekisho::rules
