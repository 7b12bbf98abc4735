// The chain: every line holds the hash of the line before it, so that nothing can be changed, taken out or
// put in without breaking every later line.
//
//   {"seq":7,"time":"2026-11-20T18:45:42Z","event":"…","role":"…",…,"prev":"<64 hex>","hash":"<64 hex>"}
//
// prev  the hash of line seq−1; 64 zeros for seq 1
// hash  SHA-256 (FIPS 180-4) of the line's octets without the member `,"hash":"…"` and without the line feed.
//       By hand: sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum
#pragma once

#include "base/clock.hh"
#include "base/result.hh"

#include <cstdint>
#include <string>
#include <string_view>

namespace sekisho::record {

/// The end of the chain so far.
struct Link {
  std::uint64_t seq = 0;
  std::string hash = std::string(64, '0');
  bool operator==(const Link &) const = default;
};

std::string sha256_hex(std::string_view text);

/// The next line, line feed included, and moves `last` on to it.  `members` as in Event.
std::string make_line(Link &last, UnixSeconds now, std::string_view members);

/// A line as it stands in a file; views into it.
struct Line {
  std::uint64_t seq = 0;
  std::string_view prev, hash;
};

/// `text` without line feed.  Errors: not of the shape above, or its hash is not that of its octets.
Result<Line> read_line(std::string_view text);

} // namespace sekisho::record
