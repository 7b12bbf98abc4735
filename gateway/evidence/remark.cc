#include "gateway/evidence/remark.hh"

#include <fmt/format.h>

#include <charconv>

namespace sekisho::evidence {
namespace {

constexpr std::string_view before_count = " (", after_count = " more left out)", before_reason = "left out: ";

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

} // namespace

std::string write_remark(const Remark &remark) {
  std::string text = remark.reason;
  if (!remark.rule.empty()) text += ' ' + remark.rule;
  if (remark.left_out > 0) text += fmt::format("{}{}{}", before_count, remark.left_out, after_count);
  return text;
}

Remark read_remark(std::string_view untrusted) {
  Remark remark;
  if (untrusted.ends_with(after_count)) {
    std::size_t start = untrusted.rfind(before_count);
    if (start != std::string_view::npos) {
      std::size_t first = start + before_count.size();
      remark.left_out = number(untrusted.substr(first, untrusted.size() - after_count.size() - first));
      untrusted = untrusted.substr(0, start);
    }
  }
  std::size_t blank = untrusted.find(' ');
  remark.reason = untrusted.substr(0, blank);
  if (blank != std::string_view::npos) remark.rule = untrusted.substr(blank + 1);
  return remark;
}

std::string write_left_out(std::string_view reason, std::uint64_t count) {
  return fmt::format("{}{} {}", before_reason, reason, count);
}

Remark read_left_out(std::string_view untrusted) {
  Remark remark;
  if (!untrusted.starts_with(before_reason)) return remark;
  untrusted.remove_prefix(before_reason.size());
  std::size_t blank = untrusted.find(' ');
  remark.reason = untrusted.substr(0, blank);
  if (blank != std::string_view::npos) remark.left_out = number(untrusted.substr(blank + 1));
  return remark;
}

} // namespace sekisho::evidence
