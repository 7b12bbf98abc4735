#include "sanitizer/text/enriched.hh"

#include "base/text.hh"

#include <algorithm>

namespace sekisho::text {
namespace {

constexpr std::size_t most_command = 60; // RFC 1896 §2
constexpr std::size_t most_given = 1000;

class Reader {
public:
  Reader(std::string_view in, bool richtext) : in_(in), richtext_(richtext) {}

  std::string text() {
    while (at_ < in_.size()) {
      const char c = in_[at_];
      if (c == '<') less();
      else if (c == '\n' || c == '\r') line_ends();
      else put(in_.substr(at_++, 1));
    }
    return std::move(text_);
  }

private:
  void put(std::string_view text) { text_ += text; }

  void less() {
    if (!richtext_ && in_.substr(at_).starts_with("<<")) {
      at_ += 2;
      return put("<");
    }
    const std::string_view rest = in_.substr(at_ + 1, most_command + 2);
    const std::size_t end = rest.find('>');
    const std::string name = end == rest.npos ? std::string() : lower_case(rest.substr(0, end));
    const std::string_view bare = name.starts_with('/') ? std::string_view(name).substr(1) : name;
    const bool is_command = !bare.empty() && std::ranges::all_of(bare, [](char c) { return is_letter_or_digit(c) || c == '-'; });
    if (!is_command) {
      put("<");
      ++at_;
      return;
    }
    at_ += end + 2;
    if (name == (richtext_ ? "comment" : "param")) skip_to("</" + name + ">");
    if (bare == "nofill") as_written_ = bare == name;
    if (!richtext_) return;
    if (name == "lt") put("<");
    if (name == "nl" || name == "np" || name == "/paragraph") put("\n");
  }

  /// Behind it, where it is near; else nothing is what a command is given.
  void skip_to(std::string_view end) {
    const std::string near = lower_case(in_.substr(at_, most_given));
    if (const std::size_t found = near.find(end); found != near.npos) at_ += found + end.size();
  }

  void line_ends() {
    std::size_t lines = 0;
    for (; at_ < in_.size() && (in_[at_] == '\n' || in_[at_] == '\r'); ++at_)
      lines += in_[at_] == '\n' || !in_.substr(at_).starts_with("\r\n");
    if (as_written_) return put(std::string(lines, '\n'));
    if (!richtext_ && lines > 1) return put(std::string(lines - 1, '\n'));
    const bool is_word = !text_.empty() && static_cast<unsigned char>(text_.back()) > ' ' && !(text_.back() & 0x80);
    if (is_word) put(" "); // Japanese goes on without
  }

  std::string_view in_;
  bool richtext_;
  std::size_t at_ = 0;
  std::string text_;
  bool as_written_ = false;
};

} // namespace

std::string unenriched(std::string_view utf8) { return Reader(utf8, false).text(); }
std::string unrichtext(std::string_view utf8) { return Reader(utf8, true).text(); }

} // namespace sekisho::text
