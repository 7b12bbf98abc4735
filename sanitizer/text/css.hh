// The characters of CSS one by one (CSS Syntax Level 3): comments, escapes and strings read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::text {

class CssReader {
public:
  explicit CssReader(std::string_view css) : css_(css) {}

  /// The next character, in lower case; false at the end.  A comment is a space.
  bool next();
  char c() const { return c_; }
  /// Whether it stands for nothing but itself: escaped, or a whole string, which is in string().
  bool literal() const { return literal_; }
  bool is(char wanted) const { return !literal_ && c_ == wanted; }
  bool is_space() const;
  /// In lower case.
  const std::string &string() const { return string_; }
  /// The same as written, between its quotes.
  std::string_view written() const { return written_; }
  /// Behind the '}' of a block whose '{' was read.
  void skip_block();
  /// A name as written and its ':', or its value and its ';', where no escape, comment, string or bracket is in them:
  /// then behind it; else it stays where it is.
  bool take_plain_name(std::string_view &name);
  bool take_plain_value(std::string_view &value);

private:
  void read_escape();
  void read_string(char quote);

  std::string_view css_;
  std::size_t at_ = 0;
  char c_ = '\0';
  bool literal_ = false;
  std::string string_;
  std::string_view written_;
};

} // namespace sekisho::text
