// The groups of figures; each runs those of its own that are wanted.
#pragma once

#include "bench/packet/rig.hh"

namespace sekisho::bench {

void measure_flows(Session &session, port::Dpdk &dpdk); // flows-768 … flows-4M, frame-written
void measure_stages(Session &session,
                    port::Dpdk &dpdk); // stage-read-10k, stage-hash-10k, stage-lookup-10k …
void measure_rules(Session &session, port::Dpdk &dpdk);   // rules-100 … rules-100k
void measure_opening(Session &session, port::Dpdk &dpdk); // new-flows, new-flows-100 …
void measure_reload(Session &session, port::Dpdk &dpdk);  // reload-rate, reload-worst-burst
void measure_cores(Session &session, port::Dpdk &dpdk);   // two-cores
void measure_flood(Session &session, port::Dpdk &dpdk);   // flood-listed-kept, refused, syn-flood
void measure_mixed(Session &session, port::Dpdk &dpdk);   // imix, ipv6, fragments
void measure_compile(Session &session);                   // compile-100k, compile-100k-memory

/// The rules for flows by number (source.hh).
std::string numbered_rules();

/// "100", "1k", "10k", "1M": as the names of figures say numbers.
std::string short_number(std::size_t number);

} // namespace sekisho::bench
