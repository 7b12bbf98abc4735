#include "sanitizer/text/html_content.hh"

#include "base/utf8.hh"
#include "sanitizer/text/html_tags.hh"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <utility>

namespace sekisho::text {
namespace {

constexpr std::size_t longest_text = 1000, longest_word = 64, most_pieces = 16;

bool is_picture(char32_t c) {
  return c < 0x20 || (c >= 0xe000 && c < 0xf900) || c >= 0xf0000;
}

/// A string as written, its escapes read (CSS Syntax Level 3 §4.3.7); `left_out`: of one too long.
std::string text_of(std::string_view written, bool &left_out) {
  std::string text;
  for (std::size_t at = 0; at < written.size();) {
    if (text.size() >= longest_text) {
      left_out = true;
      break;
    }
    if (written[at] != '\\') {
      const char32_t c = utf8_next(written, at);
      if (c != utf8_invalid && !is_picture(c)) utf8_append(text, c);
      continue;
    }
    std::uint32_t code = 0;
    const std::string_view digits = written.substr(++at, 6);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc()) continue; // it stands for the character behind it
    at += static_cast<std::size_t>(end - digits.data());
    if (at < written.size() && is_space(written[at])) ++at;
    const bool is_character = code > 0 && code < 0x110000 && (code < 0xd800 || code >= 0xe000);
    if (code == '\n') text += ' ';
    else if (is_character && !is_picture(code)) utf8_append(text, code);
  }
  return text;
}

class ContentReader {
public:
  explicit ContentReader(CssReader css) : css_(css) {}

  Content read() {
    std::string name;
    while (css_.next() && !css_.is('}')) {
      if (css_.is('{')) css_.skip_block();
      if (css_.is('{') || css_.is('}') || css_.is(';')) {
        name.clear();
      } else if (css_.is(':')) {
        const bool is_last = value();
        if (name == "content" && (one_.important || !all_.important)) all_ = std::move(one_);
        if (is_last) break;
        name.clear();
      } else if (!css_.is_space() && name.size() < longest_word) {
        name += css_.c();
      }
    }
    return std::move(all_);
  }

private:
  /// True at the '}' of the block.
  bool value() {
    one_ = {};
    one_.is_set = true;
    word_.clear();
    is_alternative_ = is_mark_ = false;
    while (css_.next()) {
      if (css_.is(';') || css_.is('}')) break;
      if (css_.is('{')) css_.skip_block();
      else if (css_.literal() && (css_.c() == '"' || css_.c() == '\'')) put({text_of(css_.written(), one_.left_out)});
      else if (css_.is('(')) function();
      else if (css_.is('/')) is_alternative_ = true; // what is read aloud
      else if (css_.is_space() || css_.is('!')) end_word();
      else if (word_.size() < longest_word) word_ += css_.c();
      is_mark_ = is_mark_ || css_.is('!');
    }
    end_word();
    return !css_.is(';');
  }

  void function() {
    const std::string name = std::exchange(word_, {});
    const bool was_left_out = one_.left_out;
    std::string words;
    for (std::size_t depth = 1; depth > 0 && css_.next();) {
      if (css_.is('(')) depth++;
      if (css_.is(')')) depth--;
      if (depth > 0 && words.size() < longest_word) words += css_.is_space() ? ' ' : css_.c();
      else if (depth > 0) one_.left_out = true;
    }
    words.erase(0, words.find_first_not_of(' '));
    if (name == "attr") put({words.substr(0, words.find_first_of(" ,")), true});
    const bool is_picture = name == "url" || name.ends_with("image") || name.ends_with("image-set") || name.ends_with("gradient");
    one_.left_out = is_picture ? was_left_out : one_.left_out || name != "attr";
  }

  void end_word() {
    if (word_ == "open-quote" || word_ == "close-quote") put({"\""});
    if (is_mark_ && word_ == "important") one_.important = true;
    word_.clear();
  }

  void put(Content::Piece piece) {
    if (is_alternative_ || piece.text.empty()) return;
    if (one_.pieces.size() < most_pieces) one_.pieces.push_back(std::move(piece));
    else one_.left_out = true;
  }

  CssReader css_;
  Content all_, one_; // of the block, of the declaration in hand
  std::string word_;
  bool is_alternative_ = false, is_mark_ = false;
};

} // namespace

Content read_content(CssReader css) {
  return ContentReader(std::move(css)).read();
}

} // namespace sekisho::text
