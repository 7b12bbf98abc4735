// The kernel side of a zone: a tap interface whose other end is a file descriptor.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "gateway/port/port.hh"

#include <optional>
#include <string>

namespace sekisho::port {

struct TapOptions {
  std::string name; // at most 15 octets
  Mac mac;
  std::optional<Ip> address;
  std::uint8_t prefix = 128; // of 128, as in Network: an IPv4 /24 is 120
  std::uint32_t mtu = 1500;
};

/// Makes the interface (IFF_TAP, no packet information), gives it its MAC and address, stops the kernel from
/// forwarding or talking IPv6 on it where it has no IPv6 address, and brings it up.  Needs CAP_NET_ADMIN.  The
/// interface lives as long as a descriptor of it is open; the descriptor does not block.
Result<UniqueFd> make_tap(const TapOptions &options);

/// The MAC of a kernel interface.
Result<Mac> mac_of_interface(const std::string &name);

/// Gives the interface behind a tap descriptor another MAC.
Result<void> set_tap_mac(int tap, const Mac &mac);

/// A zone's interface that belongs to the path: the kernel must neither answer ARP on it, nor accept or send
/// packets through it (the zone's address lives on the tap).  Sets arp_ignore, strict rp_filter,
/// disable_ipv6 and forwarding off, and drops what comes in before the kernel's stack sees it.
/// It stays so when the daemon ends: without the path nobody answers there.
Result<void> keep_kernel_off(const std::string &interface);

/// Undoes keep_kernel_off, for a start without the packet half, where the zones' addresses are the
/// machine's own (X9).  An interface that was never closed, or is not there, is left alone.
Result<void> let_kernel_in(const std::string &interface);

/// What make_tap sets: no forwarding, ARP for its own address only, no IPv6 unless asked for.
Result<void> quieten_tap(const std::string &interface, bool with_ipv6);

/// A tap as a Port.  `tap` is borrowed; of several ports of one tap, one reads.
class TapPort : public Port {
public:
  TapPort(std::string name, const Mac &mac, int tap, FramePool &pool, bool reads = true)
      : name_(std::move(name)), mac_(mac), tap_(tap), pool_(pool), reads_(reads) {}
  std::size_t receive(std::span<Frame> burst) override;
  std::size_t transmit(std::span<const Frame> frames) override;
  const Mac &mac() const override { return mac_; }
  std::string_view name() const override { return name_; }

private:
  std::string name_;
  Mac mac_;
  int tap_;
  FramePool &pool_;
  bool reads_;
};

} // namespace sekisho::port
