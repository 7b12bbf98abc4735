// Reads a text of a grammar without choices left open; private to verify.
#pragma once

#include "base/bytes.hh"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::verify {

/// Takes what the grammar wants or fails for good.
class Scanner {
public:
  explicit Scanner(Bytes untrusted, std::size_t from = 0) : text_(as_chars(untrusted)), at_(from) {}
  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && at_ == text_.size(); }
  std::size_t position() const { return at_; }

  bool sees(std::string_view literal) const { return text_.substr(at_).starts_with(literal); }
  void want(std::string_view literal) {
    if (!sees(literal)) failed_ = true;
    if (!failed_) at_ += literal.size();
  }
  void want_number(std::uint64_t number) { want(std::to_string(number)); }
  void want_reference(std::uint64_t object) { want(std::to_string(object) + " 0 R"); }
  /// Digits without a leading zero, at most ten.
  std::uint64_t number() {
    const std::string_view digits = run_of("0123456789", 10);
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || digits.front() == '0') failed_ = true;
    return failed_ ? 0 : value;
  }
  /// A length on paper: 1–14400 with at most two decimals.
  std::string_view points() {
    const std::size_t start = at_;
    const std::uint64_t whole = number();
    if (sees(".")) {
      want(".");
      const std::string_view decimals = run_of("0123456789", 2);
      if (decimals.empty() || decimals.back() == '0') failed_ = true;
    }
    if (whole > 14400) failed_ = true;
    return failed_ ? std::string_view{} : text_.substr(start, at_ - start);
  }
  /// As number(), or "0".
  std::uint64_t coordinate() {
    if (!sees("0")) return number();
    want("0");
    return 0;
  }
  std::string_view hex(std::size_t digits) {
    const std::string_view found = run_of("0123456789abcdef", digits);
    if (found.size() != digits) failed_ = true;
    return found;
  }
  Bytes octets(std::uint64_t count) {
    if (failed_ || count > text_.size() - at_) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = text_.substr(at_, count);
    at_ += count;
    return as_bytes(taken);
  }
  void fail() { failed_ = true; }

private:
  std::string_view run_of(std::string_view alphabet, std::size_t most) {
    const std::string_view rest = text_.substr(at_, most);
    const std::size_t count = std::min(rest.find_first_not_of(alphabet), rest.size());
    at_ += count;
    return rest.substr(0, count);
  }

  std::string_view text_;
  std::size_t at_;
  bool failed_ = false;
};

} // namespace sekisho::verify
