// Captures through the path: the same code, its clock driven by the packets' own times.
#pragma once

#include "gateway/path/path.hh"
#include "gateway/port/pcap_file.hh"

#include <functional>
#include <string>
#include <vector>

namespace sekisho::path {

struct ReplayInput {
  rules::ZoneId zone = rules::no_zone;
  std::string file;
};

/// One packet's verdict, in the order of time over all captures (each capture keeps its own order).
struct ReplayedPacket {
  std::uint64_t number = 0; // 1-based
  rules::ZoneId zone = rules::no_zone;
  Fate fate;
};

/// One flow that ended: told so by its state, forgotten after its time, or still open with the last packet.
struct ReplayedFlow {
  flow::Ends ends; // the opener is the source; of echo, the identifier as both ports
  rules::ZoneId from = rules::no_zone, to = rules::no_zone; // the same for both where one end is the gateway
  rules::RuleId rule = rules::no_rule;
  flow::State state = flow::State::none;
  UnixSeconds opened_at = 0, last_seen = 0;
  std::uint64_t packets = 0, octets = 0; // both ways; octets of frames
};

struct ReplayOptions {
  bool strict_mac = false; // drop what is not addressed to the gateway's MAC, else any is taken for it
  std::function<void(const ReplayedFlow &)> on_flow_end{}; // in the order of their ends; may be empty
};

/// Packets of one zone that came within a millisecond and a second are run as one burst, as on the gateway.
/// There is no wire: what would leave is gone, next hosts count as reachable, the gateway's own stack is
/// absent.  Packets of other links than Ethernet are dropped as link_type_unlisted.
class Replay {
public:
  using Report = std::function<void(const ReplayedPacket &)>;

  /// Errors: a capture that cannot be opened.
  static Result<Replay> open(std::shared_ptr<const rules::RuleSet> rules,
                             const std::vector<ReplayInput> &inputs, const ReplayOptions &options);
  Replay(Replay &&) noexcept;
  ~Replay();

  /// Runs all packets.  Returns what was wrong in the middle of a capture, one text a capture; those
  /// packets that could be read before are reported all the same.
  std::vector<std::string> run(const Report &report);

private:
  struct Parts;
  class Gathering;
  explicit Replay(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

} // namespace sekisho::path
