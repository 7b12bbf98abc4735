// Time as passed-in values: parsers, rules and flows never ask the clock themselves.
#pragma once

#include <chrono>
#include <string>

namespace sekisho {

using UnixSeconds = std::int64_t; // seconds since 1970-01-01T00:00:00Z

inline UnixSeconds unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// CLOCK_MONOTONIC in nanoseconds.
inline std::uint64_t monotonic_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

/// 2026-11-20T18:45:42Z (RFC 3339, UTC).
std::string to_rfc3339(UnixSeconds time);

} // namespace sekisho
