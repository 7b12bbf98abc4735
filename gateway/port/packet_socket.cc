#include "gateway/port/packet_socket.hh"

#include "gateway/port/fanout.hh"
#include "gateway/port/tap.hh"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace sekisho::port {
namespace {

constexpr std::size_t burst_limit = 64;
constexpr std::size_t macs_size = 12, tag_size = 4;
constexpr std::uint32_t ring_octets = 4u << 20;
constexpr std::uint32_t least_frames = 512;
constexpr std::uint32_t block_size = 1u << 17; // a power of two, so that frames fill it
constexpr std::uint32_t around_mtu = 160;      // the ring's header, Ethernet, two tags

std::string because() { return std::string(": ") + std::strerror(errno); }

template <class T> bool set(int socket, int option, const T &value) {
  return ::setsockopt(socket, SOL_PACKET, option, &value, sizeof value) == 0;
}

ifreq request_for(const std::string &interface) {
  ifreq request{};
  interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
  return request;
}

Result<void> bring_up(int control, const std::string &interface) {
  ifreq request = request_for(interface);
  if (::ioctl(control, SIOCGIFFLAGS, &request) != 0)
    return fail("cannot read the state of " + interface + because());
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  if (::ioctl(control, SIOCSIFFLAGS, &request) != 0)
    return fail("cannot bring up " + interface + because());
  return {};
}

Result<void> raise_mtu(int control, const std::string &interface, std::uint32_t mtu) {
  ifreq request = request_for(interface);
  if (::ioctl(control, SIOCGIFMTU, &request) != 0)
    return fail("cannot read the MTU of " + interface + because());
  if (request.ifr_mtu >= static_cast<int>(mtu)) return {};
  request.ifr_mtu = static_cast<int>(mtu);
  if (::ioctl(control, SIOCSIFMTU, &request) != 0)
    return fail("interface " + interface + " takes no MTU of " + std::to_string(mtu) + because() +
                "; ip -d link show " + interface + " tells its maxmtu");
  return {};
}

Result<void> prepare(const std::string &interface, std::uint32_t mtu) {
  UniqueFd control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!control) return fail("cannot open a socket" + because());
  TRY(raise_mtu(control.get(), interface, mtu));
  return bring_up(control.get(), interface);
}

void put_u16(std::byte *octets, std::uint16_t value) {
  octets[0] = static_cast<std::byte>(value >> 8);
  octets[1] = static_cast<std::byte>(value);
}

/// The kernel keeps the outer tag beside the frame; it goes back where it was.
std::uint32_t copy_tagged(std::byte *to, const std::byte *frame, std::uint32_t length,
                          const tpacket2_hdr &header) {
  bool is_known = header.tp_status & TP_STATUS_VLAN_TPID_VALID;
  std::memcpy(to, frame, macs_size);
  put_u16(to + macs_size, is_known ? header.tp_vlan_tpid : std::uint16_t{ETH_P_8021Q});
  put_u16(to + macs_size + 2, header.tp_vlan_tci);
  std::memcpy(to + macs_size + tag_size, frame + macs_size, length - macs_size);
  return length + tag_size;
}

} // namespace

PacketSocket::~PacketSocket() {
  if (ring_) ::munmap(ring_, ring_size_);
}

Result<std::vector<std::unique_ptr<PacketSocket>>> PacketSocket::open(
    const std::string &interface, std::uint32_t mtu, std::span<FramePool *const> pools) {
  unsigned index = ::if_nametoindex(interface.c_str());
  if (index == 0) return fail("there is no interface " + interface);
  Result<Mac> mac = mac_of_interface(interface);
  if (!mac) return fail(mac.error());
  TRY(prepare(interface, mtu));
  std::vector<std::unique_ptr<PacketSocket>> ports;
  std::vector<int> sockets;
  for (FramePool *pool : pools) {
    ports.push_back(std::unique_ptr<PacketSocket>(new PacketSocket(interface, *mac, *pool)));
    TRY(ports.back()->start(static_cast<int>(index), mtu));
    sockets.push_back(ports.back()->socket_.get());
  }
  if (sockets.size() > 1) TRY(spread_by_owner(sockets));
  return ports;
}

Result<void> PacketSocket::start(int interface, std::uint32_t mtu) {
  socket_ = UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket_) return fail("cannot open a packet socket for " + name_ + because());
  TRY(make_ring(mtu));
  // What the kernel itself sends there is none of ours, and a queueing discipline is none of the path's.
  if (!set(socket_.get(), PACKET_IGNORE_OUTGOING, 1) || !set(socket_.get(), PACKET_QDISC_BYPASS, 1))
    return fail("cannot set up the packet socket of " + name_ + because());
  sockaddr_ll place{};
  place.sll_family = AF_PACKET;
  place.sll_protocol = htons(ETH_P_ALL);
  place.sll_ifindex = interface;
  if (::bind(socket_.get(), reinterpret_cast<const sockaddr *>(&place), sizeof place) != 0)
    return fail("cannot bind a packet socket to " + name_ + because());
  // Neighbour discovery and VRRP are multicast; the card must not filter them.
  packet_mreq all{};
  all.mr_ifindex = interface;
  all.mr_type = PACKET_MR_ALLMULTI;
  if (!set(socket_.get(), PACKET_ADD_MEMBERSHIP, all))
    return fail("cannot have all multicast of " + name_ + because());
  return {};
}

Result<void> PacketSocket::make_ring(std::uint32_t mtu) {
  frame_size_ = std::bit_ceil(mtu + around_mtu);
  frame_count_ = std::max(ring_octets / frame_size_, least_frames);
  tpacket_req request{};
  request.tp_frame_size = frame_size_;
  request.tp_frame_nr = frame_count_;
  request.tp_block_size = block_size;
  request.tp_block_nr = frame_count_ / (block_size / frame_size_);
  ring_size_ = std::size_t{frame_size_} * frame_count_;
  if (!set(socket_.get(), PACKET_VERSION, int{TPACKET_V2}) ||
      !set(socket_.get(), PACKET_RX_RING, request))
    return fail("cannot make the ring of " + name_ + because());
  void *memory = ::mmap(nullptr, ring_size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                        socket_.get(), 0);
  if (memory == MAP_FAILED) return fail("cannot map the ring of " + name_ + because());
  ring_ = static_cast<std::byte *>(memory);
  return {};
}

std::size_t PacketSocket::receive(std::span<Frame> burst) {
  std::size_t count = 0;
  for (; count < burst.size(); ++count) {
    auto *header = reinterpret_cast<tpacket2_hdr *>(ring_ + std::size_t{at_} * frame_size_);
    std::uint32_t status = __atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE);
    Frame &frame = burst[count];
    if (!(status & TP_STATUS_USER) || !pool_.allocate(frame)) break;
    const std::byte *octets = reinterpret_cast<const std::byte *>(header) + header->tp_mac;
    std::uint32_t room = pool_.capacity() - tag_size;
    std::uint32_t length = std::min({header->tp_snaplen, room, frame_size_ - header->tp_mac});
    if (status & TP_STATUS_VLAN_VALID && length >= macs_size)
      length = copy_tagged(frame.data, octets, length, *header);
    else std::memcpy(frame.data, octets, length);
    pool_.set_length(frame, length);
    __atomic_store_n(&header->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    if (++at_ == frame_count_) at_ = 0;
  }
  return count;
}

std::size_t PacketSocket::transmit(std::span<const Frame> frames) {
  std::size_t sent = 0;
  for (std::size_t at = 0; at < frames.size(); at += burst_limit)
    sent += send(frames.subspan(at, std::min(burst_limit, frames.size() - at)));
  pool_.release(frames);
  return sent;
}

/// A frame that the interface does not take (too long) is passed over; a full interface ends the burst.
std::size_t PacketSocket::send(std::span<const Frame> frames) {
  std::array<iovec, burst_limit> octets;
  std::array<mmsghdr, burst_limit> messages{};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    octets[i] = {frames[i].data, frames[i].length};
    messages[i].msg_hdr.msg_iov = &octets[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  std::size_t at = 0, sent = 0;
  while (at < frames.size()) {
    int count = ::sendmmsg(socket_.get(), &messages[at], static_cast<unsigned>(frames.size() - at),
                           MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENETDOWN)) break;
    std::size_t went = count < 0 ? 0 : static_cast<std::size_t>(count);
    sent += went;
    at += count < 0 ? 1 : went;
  }
  return sent;
}

} // namespace sekisho::port
