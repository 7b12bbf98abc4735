// What the comment of a kept packet says: "not-listed town.rules:14 (17 more left out)".
#pragma once

#include "base/reason.hh"

#include <string>
#include <string_view>

namespace sekisho::evidence {

struct Remark {
  std::string reason;          // its word
  std::string rule;            // label, or empty
  std::uint64_t left_out = 0;  // of the same reason and zone before it
};

std::string write_remark(const Remark &remark);
/// Of untrusted text: what is not there is empty.
Remark read_remark(std::string_view untrusted);

/// Of an interface's statistics: "left out: not-listed 17".
std::string write_left_out(std::string_view reason, std::uint64_t count);
Remark read_left_out(std::string_view untrusted);

} // namespace sekisho::evidence
