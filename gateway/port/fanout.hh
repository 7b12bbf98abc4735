// Several packet sockets at one interface: the kernel gives each frame to the socket of the core that owns it.
#pragma once

#include "base/result.hh"

#include <span>

struct sock_filter;

#include <vector>

namespace sekisho::port {

/// The sockets are bound to one interface; their order is that of the cores.
Result<void> spread_by_owner(std::span<const int> sockets);

/// The program (classic BPF) that computes Owners::of for IPv4 and IPv6, but for ICMP errors; the rest goes to
/// core 0.
std::vector<sock_filter> owner_program(std::size_t cores);

} // namespace sekisho::port
