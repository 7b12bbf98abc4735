// Capture files: pcap and pcapng, read by libpcap.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"

#include <memory>
#include <string>

namespace sekisho::port {

/// A capture, packet by packet.  The file is hostile: nothing in it is believed but its octets.
class PcapFile {
public:
  struct Packet {
    Bytes bytes;                   // as captured (a snapped packet is shorter than it was); until next()
    std::uint64_t nanoseconds = 0; // since 1970, UTC
  };
  enum class Next : std::uint8_t {
    packet,
    end,
    broken, // the file ends or errs in the middle: error() says how
  };

  /// Errors: cannot be opened, is no capture, or ends within its header.
  static Result<PcapFile> open(const std::string &path);

  /// Whether its packets are Ethernet frames (LINKTYPE_ETHERNET); link_type() is its name.
  bool is_ethernet() const;
  std::string link_type() const;

  Next next(Packet &packet);
  std::string error() const;

private:
  struct Close {
    void operator()(void *handle) const;
  };
  explicit PcapFile(void *handle) : handle_(handle) {}
  std::unique_ptr<void, Close> handle_; // pcap_t
};

/// The most octets of one packet that libpcap hands out (its MAXIMUM_SNAPLEN).
constexpr std::uint32_t max_capture_length = 262144;

} // namespace sekisho::port
