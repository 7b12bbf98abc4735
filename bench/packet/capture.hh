// Real frames: a capture of flows that the rules permit, for our path and for the peers.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sekisho::bench {

/// Writes into `folder`:  forward.pcap (4096 frames of as many flows, zone a to zone b),
/// reverse.pcap (their answers), rules (the gateway's), rules.l3fwd, rules6.l3fwd, rules.csv.
/// Returns an exit status.
int export_town(const std::string &folder, std::size_t rules);

/// Writes folder/replay-a.pcap and replay-b.pcap: what came in by the zones' ports while 4096 flows
/// were opened and then talked, `packets` in all, in trains of one to sixteen of one direction.
int export_replay(const std::string &folder, std::size_t rules, std::size_t packets);

/// Reads captures with libpcap and does nothing with their packets; prints how many there were.
int read_captures(std::span<const std::string> files);

/// Our path on the captures of `folder` through net_pcap with infinite_rx, its flows known.  For
/// each line "SECONDS" of standard input one line {"mpps": …, "core_share": …} is printed. `rules`
/// as exported; `with_reverse`: reverse.pcap comes in by zone b, else nothing.
int serve_capture(const std::string &folder, std::size_t rules, bool with_reverse);

} // namespace sekisho::bench
