#include "sanitizer/mime/header.hh"
#include "sanitizer/mime/transfer.hh"
#include "sanitizer/text/charset.hh"

#include <algorithm>
#include <optional>
#include <utility>

namespace sekisho::mime {
namespace {

constexpr std::size_t max_charset = 64;

struct EncodedWord {
  std::string_view charset; // without the language of RFC 2231 §5
  bool base64 = false;
  std::string_view text;
  std::size_t end = 0; // behind "?="
};

/// At `position`, which stands on "=?".
std::optional<EncodedWord> read_encoded_word(std::string_view value, std::size_t position) {
  std::size_t charset = position + 2;
  std::size_t mark = value.substr(0, charset + max_charset).find('?', charset);
  if (mark == std::string_view::npos || mark == charset || mark + 2 >= value.size()) return {};
  char encoding = value[mark + 1];
  bool base64 = encoding == 'B' || encoding == 'b';
  if (!base64 && encoding != 'Q' && encoding != 'q') return {};
  if (value[mark + 2] != '?') return {};
  std::size_t text = mark + 3;
  std::size_t end = value.find("?=", text);
  if (end == std::string_view::npos) return {};
  std::string_view name = value.substr(charset, mark - charset);
  return EncodedWord{name.substr(0, name.find('*')), base64, value.substr(text, end - text),
                     end + 2};
}

std::string decode_q(std::string_view text) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '_', ' ');
  plain += '.'; // keeps a space at the end, which a line of quoted-printable loses
  std::string decoded(as_chars(decode_quoted_printable(as_bytes(plain))));
  decoded.pop_back();
  return decoded;
}

bool is_white(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Encoded words that follow each other, their octets joined while the charset stays the same.
class Words {
public:
  void add(const EncodedWord &word) {
    if (!words_.empty() && !equals_ignoring_case(word.charset, words_.front().charset)) flush();
    words_.push_back(word);
  }
  void add_literal(std::string_view octets) {
    if (!octets.empty()) text_ += text::decode_labelled(as_bytes(octets), "").text;
  }
  void flush() {
    if (words_.empty()) return;
    const std::string_view charset = words_.front().charset;
    std::string octets = octets_of_words(false);
    const bool is_cut = words_.size() > 1 && std::ranges::any_of(words_, [](const EncodedWord &word) { return word.base64 && word.text.size() % 4 != 0; });
    if (is_cut)
      if (std::string joined = octets_of_words(true); errors_of(joined, charset) < errors_of(octets, charset)) octets = std::move(joined);
    text_ += text::decode_labelled(as_bytes(octets), charset).text;
    words_.clear();
  }
  std::string text_;

private:
  /// Each base64 word is decoded alone, its padding ends it; but some programs cut within four letters.
  std::string octets_of_words(bool letters_are_joined) const {
    std::string octets, letters;
    const auto end_letters = [&] { octets += as_chars(decode_base64(as_bytes(std::exchange(letters, {})))); };
    for (const EncodedWord &word : words_) {
      if (!word.base64 || !letters_are_joined) end_letters();
      word.base64 ? letters += word.text : octets += decode_q(word.text);
    }
    end_letters();
    return octets;
  }
  static std::size_t errors_of(std::string_view octets, std::string_view charset) {
    const std::optional<text::Charset> named = text::charset_named(charset);
    return named ? text::decode(*named, as_bytes(octets)).errors : 0;
  }

  std::vector<EncodedWord> words_;
};

} // namespace

std::string decode_text(std::string_view value) {
  std::string unfolded = unfold(value);
  std::string_view rest = unfolded;
  Words words;
  std::size_t position = 0, literal = 0;
  bool after_word = false;
  std::size_t last_end = rest.rfind("?="); // behind it no word can end: keeps the search linear
  if (last_end == std::string_view::npos) last_end = 0;
  while ((position = rest.find("=?", position)) != std::string_view::npos && position < last_end) {
    std::optional<EncodedWord> word = read_encoded_word(rest, position);
    if (!word) {
      position += 2;
      continue;
    }
    std::string_view between = rest.substr(literal, position - literal);
    if (!(after_word && is_white(between))) {
      words.flush();
      words.add_literal(between);
    }
    words.add(*word);
    after_word = true;
    position = literal = word->end;
  }
  words.flush();
  words.add_literal(rest.substr(literal));
  return std::move(words.text_);
}

} // namespace sekisho::mime
