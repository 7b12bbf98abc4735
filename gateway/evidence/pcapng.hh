// Capture files with comments (pcapng, draft-ietf-opsawg-pcapng): the few blocks that evidence needs, written
// and read.  Little-endian, Ethernet, nanoseconds.
#pragma once

#include "base/bytes.hh"

#include <optional>
#include <string>
#include <vector>

namespace sekisho::evidence {

struct Interface {
  std::string name;        // of the zone
  std::string description; // its port
  bool operator==(const Interface &) const = default;
};

struct Packet {
  std::uint32_t interface = 0;  // number within its section
  std::uint64_t nanoseconds = 0; // since 1970, UTC
  std::uint32_t length = 0;     // of the frame as it was
  bool outbound = false;        // from the gateway itself
  Bytes octets;                 // as kept; borrowed
  std::string comment;
};

/// What was counted on an interface without being kept.
struct Statistics {
  std::uint32_t interface = 0;
  std::uint64_t nanoseconds = 0;
  std::string comment;
};

// Each appends one block.  Comments and names beyond 4 KiB are cut.
void put_section(Buffer &into, std::string_view comment);
void put_interface(Buffer &into, const Interface &interface, std::uint32_t snap_length);
void put_packet(Buffer &into, const Packet &packet);
void put_statistics(Buffer &into, const Statistics &statistics);

/// Reads what the above wrote.  A file that ends in the middle of a block ends before it; blocks of other kinds
/// are passed over.
class Reader {
public:
  /// `untrusted` must outlive what next() returns.
  explicit Reader(Bytes untrusted) : bytes_(untrusted) {}

  enum class Kind : std::uint8_t { section, interface, packet, statistics, end, broken };
  /// What stands next; its value is in the member of its name.
  Kind next();

  std::string section_comment;
  Interface interface;
  Packet packet;
  Statistics statistics;

private:
  Kind read_block(std::uint32_t type, Bytes body);

  Bytes bytes_;
  std::size_t position_ = 0;
  bool in_section_ = false;
};

} // namespace sekisho::evidence
