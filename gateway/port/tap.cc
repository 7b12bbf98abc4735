#include "gateway/port/tap.hh"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

namespace sekisho::port {
namespace {

std::string because() { return std::string(": ") + std::strerror(errno); }

Result<ifreq> request_for(const std::string &name) {
  ifreq request{};
  if (name.empty() || name.size() >= sizeof request.ifr_name)
    return fail("interface name '" + name + "' must have 1 to 15 octets");
  std::memcpy(request.ifr_name, name.data(), name.size());
  return request;
}

void put_mac(ifreq &request, const Mac &mac) {
  request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
  std::memcpy(request.ifr_hwaddr.sa_data, mac.octets.data(), mac.octets.size());
}

sockaddr ipv4_sockaddr(std::uint32_t host_order) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host_order);
  sockaddr generic;
  std::memcpy(&generic, &address, sizeof generic);
  return generic;
}

Result<void> set_ipv4(int control, ifreq request, std::uint32_t address, unsigned prefix) {
  request.ifr_addr = ipv4_sockaddr(address);
  if (::ioctl(control, SIOCSIFADDR, &request) != 0)
    return fail(std::string("cannot give ") + request.ifr_name + " its address" + because());
  request.ifr_netmask = ipv4_sockaddr(prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix));
  if (::ioctl(control, SIOCSIFNETMASK, &request) != 0)
    return fail(std::string("cannot give ") + request.ifr_name + " its netmask" + because());
  return {};
}

Result<void> set_ipv6(const std::string &name, const Ip &address, unsigned prefix) {
  UniqueFd control(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return fail("cannot open an IPv6 socket" + because());
  in6_ifreq request{};
  std::memcpy(&request.ifr6_addr, address.octets.data(), 16);
  request.ifr6_prefixlen = prefix;
  request.ifr6_ifindex = static_cast<int>(::if_nametoindex(name.c_str()));
  if (::ioctl(control.get(), SIOCSIFADDR, &request) != 0)
    return fail("cannot give " + name + " its IPv6 address" + because());
  return {};
}

Result<void> set_address(int control, const ifreq &request, const TapOptions &options) {
  if (!options.address) return {};
  if (!options.address->is_v4()) return set_ipv6(options.name, *options.address, options.prefix);
  return set_ipv4(control, request, options.address->v4(),
                  options.prefix < 96 ? 0 : options.prefix - 96u);
}

Result<void> bring_up(int control, ifreq request) {
  if (::ioctl(control, SIOCGIFFLAGS, &request) != 0)
    return fail(std::string("cannot read the state of ") + request.ifr_name + because());
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(control, SIOCSIFFLAGS, &request) != 0)
    return fail(std::string("cannot bring up ") + request.ifr_name + because());
  return {};
}

} // namespace

Result<UniqueFd> make_tap(const TapOptions &options) {
  Result<ifreq> named = request_for(options.name);
  if (!named) return fail(named.error());
  UniqueFd tap(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!tap) return fail("cannot open /dev/net/tun" + because());
  ifreq request = *named;
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (::ioctl(tap.get(), TUNSETIFF, &request) != 0)
    return fail("cannot make the tap " + options.name + because());

  request = *named;
  put_mac(request, options.mac);
  UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control || ::ioctl(control.get(), SIOCSIFHWADDR, &request) != 0)
    return fail("cannot give " + options.name + " its MAC address" + because());
  request = *named;
  request.ifr_mtu = static_cast<int>(options.mtu);
  if (::ioctl(control.get(), SIOCSIFMTU, &request) != 0)
    return fail("cannot set the MTU of " + options.name + because());
  TRY(quieten_tap(options.name, options.address && !options.address->is_v4()));
  TRY(set_address(control.get(), *named, options));
  TRY(bring_up(control.get(), *named));
  return tap;
}

Result<Mac> mac_of_interface(const std::string &name) {
  Result<ifreq> request = request_for(name);
  if (!request) return fail(request.error());
  UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control || ::ioctl(control.get(), SIOCGIFHWADDR, &*request) != 0)
    return fail("cannot read the MAC address of " + name + because());
  Mac mac;
  std::memcpy(mac.octets.data(), request->ifr_hwaddr.sa_data, mac.octets.size());
  return mac;
}

Result<void> set_tap_mac(int tap, const Mac &mac) {
  ifreq request{};
  put_mac(request, mac);
  if (::ioctl(tap, SIOCSIFHWADDR, &request) != 0)
    return fail("cannot give the tap the MAC address of its port" + because());
  return {};
}

std::size_t TapPort::receive(std::span<Frame> burst) {
  std::size_t count = 0;
  while (reads_ && count < burst.size()) {
    Frame &frame = burst[count];
    if (!pool_.allocate(frame)) break;
    ssize_t length = ::read(tap_, frame.data, pool_.capacity());
    if (length <= 0) {
      pool_.release({&frame, 1});
      break;
    }
    pool_.set_length(frame, static_cast<std::uint32_t>(length));
    ++count;
  }
  return count;
}

std::size_t TapPort::transmit(std::span<const Frame> frames) {
  std::size_t sent = 0;
  while (sent < frames.size() &&
         ::write(tap_, frames[sent].data, frames[sent].length) == ssize_t{frames[sent].length})
    ++sent;
  pool_.release(frames);
  return sent;
}

} // namespace sekisho::port
