// Frames through kernel interfaces: the sender, and our path between two of them.
#pragma once

#include <cstddef>
#include <string>

namespace sekisho::bench {

struct BlastOptions {
  std::string interface, gateway; // the name, the MAC its frames go to
  unsigned from = 0;              // zone: 0 the openers' frames, 1 the answers
  std::size_t rules = 0;          // of the town; 1000 UDP flows of it
  double seconds = 0;             // 0: every flow once
};
/// Sends as fast as the interface takes them, frames of 64 octets; prints how many went.
int blast(const BlastOptions &options);

/// Our path between two interfaces, its flows learnt from what comes.  For each line "SECONDS" of
/// standard input it forwards that long and prints {"core_share": …, "dropped": "…"}.
int serve_interfaces(const std::string &port_a, const std::string &port_b, std::size_t rules);

} // namespace sekisho::bench
