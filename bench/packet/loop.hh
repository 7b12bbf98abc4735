// Any capture, from memory, over and over through the path.
#pragma once

#include "bench/packet/measure.hh"

#include <string>

namespace sekisho::bench {

struct LoopOptions {
  std::string capture;
  std::string rules; // a rule file; empty: private addresses are one zone, all others another, and
                     // all TCP, UDP and echo may cross
};
/// The figure packet/pcap: million packets a second, Gbit/s, and the verdicts of the first time
/// round.
void measure_capture(Session &session, const LoopOptions &options);

} // namespace sekisho::bench
