// A zip of exactly the octets that our writer writes, unpacked by zlib; private to verify.
#pragma once

#include "base/bytes.hh"

#include <optional>
#include <string>
#include <vector>

namespace sekisho::verify {

struct Member {
  std::string_view name;
  bool stored = false;
  Buffer contents;
};

/// Every octet belongs to a member or to the directory, which says the same in the same order: no
/// comment, extra field, date or attribute.  Nothing where anything else is met, or where all
/// together unpack to more than `most`.  Names borrow from `untrusted`.  `deadline`: monotonic_ns()
/// at which to give up.
std::optional<std::vector<Member>> our_zip(Bytes untrusted, std::uint64_t most,
                                           std::uint64_t deadline);

} // namespace sekisho::verify
