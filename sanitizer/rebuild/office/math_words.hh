// A formula (ISO/IEC 29500-1 §22.1) in one line, as it would be typed: 1/2, 10^3, √(x).  Private to rebuild.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

class MathWords {
public:
  bool is_open() const { return !open_.empty(); }
  /// Of an element m:…, whose name must outlive the formula; `value`: its m:val.  False: nothing in it is read.
  bool start(std::string_view name, const std::string &value);
  /// The formula where it ends; else empty.
  std::string end(std::string_view name);
  void put(std::string_view text) { out_ += text; }

private:
  struct Open {
    std::string_view name;
    std::size_t children = 0;
    std::optional<std::string> first = {}, between = {}, last = {}; // brackets; the sign of a sum
  };

  void before(std::string_view child, Open &around);
  std::string in_line() const;

  std::vector<Open> open_;
  bool in_properties_ = false;
  std::string out_; // with marks where parentheses may be needed
};

} // namespace sekisho::rebuild
