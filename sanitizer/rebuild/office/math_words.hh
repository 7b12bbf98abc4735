// A formula (ISO/IEC 29500-1 §22.1) in one line, as it would be typed: 1/2, 10^3, √(x).  Private to rebuild.
#pragma once

#include <cstdint>
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
  /// Of the element that was started last: the formula where it ends; else empty.
  std::string end();
  /// Whether the one that ended is one thing beside digits: a fraction, a power.
  bool is_apart() const { return is_apart_; }
  void put(std::string_view text) { out_ += text; }

private:
  struct Open {
    std::string_view name;
    std::size_t children = 0;
    std::optional<std::string> first = {}, between = {}, last = {}; // brackets; the sign of a sum
  };

  /// Where a part of a formula begins, with the sign that goes before it, and ends.
  enum class Mark : std::uint8_t { plain, above, below, end };
  struct Placed {
    std::size_t at; // in `out_`
    Mark what;
  };

  void mark(Mark what) { marks_.push_back({out_.size(), what}); }
  void before(std::string_view child, Open &around);
  std::string in_line() const;

  std::vector<Open> open_;
  bool in_properties_ = false, is_apart_ = false;
  std::string out_;
  std::vector<Placed> marks_; // in the order of their places
};

} // namespace sekisho::rebuild
