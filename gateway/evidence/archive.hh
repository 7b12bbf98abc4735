// The evidence folder, read: what was kept, chosen and merged into one capture.
#pragma once

#include "base/address.hh"
#include "base/clock.hh"
#include "base/result.hh"
#include "gateway/evidence/pcapng.hh"
#include "gateway/evidence/remark.hh"

namespace sekisho::evidence {

struct KeptPacket {
  std::uint64_t nanoseconds = 0; // since 1970, UTC
  std::string zone;
  std::uint32_t length = 0; // of the frame as it was; 0: no packet, only what was left out
  bool outbound = false;
  Remark remark;
  Bytes octets; // borrowed from the archive
};

struct Choice {
  std::string zone{}, reason{}; // empty: all
  std::optional<Ip> host{};     // source or destination, also of ARP
  UnixSeconds since = 0;
};

class Archive {
public:
  /// Reads every segment in the folder.  Errors: it cannot be read.  A damaged segment is read as far as it
  /// goes: `notes` says so.
  static Result<Archive> open(const std::string &folder);

  /// In order of time.
  std::vector<KeptPacket> choose(const Choice &choice) const;
  /// One capture of them.
  Buffer merged(const std::vector<KeptPacket> &packets, std::string_view title) const;

  const std::vector<std::string> &notes() const { return notes_; }
  std::uint64_t octets() const;

private:
  struct Segment {
    std::string name;
    Buffer text;
  };
  void read(const Segment &segment);

  std::vector<Segment> segments_;
  std::vector<Interface> interfaces_;
  std::vector<KeptPacket> packets_;
  std::vector<std::string> notes_;
};

/// Whether the frame is from or to this address: IPv4, IPv6 or ARP, behind at most two tags.
bool concerns(Bytes frame, const Ip &host);

} // namespace sekisho::evidence
