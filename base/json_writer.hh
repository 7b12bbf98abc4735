// JSON (RFC 8259) as it is written, one value after the other.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho {

class JsonWriter {
public:
  enum class Blanks : std::uint8_t { none, some }; // behind commas and colons

  explicit JsonWriter(Blanks blanks = Blanks::none) : blanks_(blanks == Blanks::some) { text_.reserve(usual); }

  /// `bracket`: of an object or an array.
  JsonWriter &open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
    return *this;
  }
  JsonWriter &close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  /// A plain name of ours; its value comes next.
  JsonWriter &key(std::string_view name) {
    separate();
    text_ += '"';
    text_ += name;
    text_ += blanks_ ? "\": " : "\":";
    first_ = true;
    return *this;
  }
  /// What is not UTF-8 in it becomes U+FFFD.
  JsonWriter &value(std::string_view text) {
    separate();
    quote(text);
    return *this;
  }
  JsonWriter &value(const char *text) { return value(std::string_view(text)); }
  JsonWriter &value(std::uint64_t number) { return raw(std::to_string(number)); }
  JsonWriter &value(bool truth) { return raw(truth ? "true" : "false"); }
  /// `json`: a whole value.
  JsonWriter &raw(std::string_view json) {
    separate();
    text_ += json;
    return *this;
  }

  const std::string &text() const { return text_; }
  std::string take() { return std::move(text_); }

private:
  static constexpr std::size_t usual = 1000; // octets

  void separate() {
    if (!first_) text_ += blanks_ ? ", " : ",";
    first_ = false;
  }
  void quote(std::string_view text);

  std::string text_;
  bool blanks_;
  bool first_ = true;
};

} // namespace sekisho
