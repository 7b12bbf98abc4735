// What clamd is told and what it answers (clamd(8), COMMANDS), as values; no sockets.  Its answers are octets like any
// others: what is not understood means that nothing was scanned.
#pragma once

#include "base/bytes.hh"
#include "base/clock.hh"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace sekisho::scan {

enum class Finding : std::uint8_t {
  unavailable, // no answer, an error, or not all was looked at
  clean,
  malware,
  definitions_old,
};

struct Answer {
  Finding finding = Finding::unavailable;
  std::string words; // malware: the signature's name; unavailable: why.  Printable ASCII, at most 200 octets
};

constexpr std::string_view instream_command{"zINSTREAM\0", 10};
constexpr std::string_view version_command{"zVERSION\0", 9};
constexpr std::size_t max_chunk = 256u << 10; // octets

/// A chunk's head: its length, four octets, big endian.  Of 0: the end.
std::array<std::byte, 4> chunk_head(std::uint32_t length);

/// "stream: OK", "stream: Eicar-Test-Signature FOUND", "INSTREAM size limit exceeded. ERROR"; with the NUL behind it
/// or not.
Answer parse_scan(std::string_view untrusted_reply);

/// "ClamAV 1.4.3/27500/Tue Nov 24 08:31:22 2026": when the definitions were made, on the scanner's own clock (take a day's
/// slack).  Nothing where it names none: it has none.
std::optional<UnixSeconds> parse_definitions(std::string_view untrusted_reply);

} // namespace sekisho::scan
