// How a DPDK device is configured.
#include "gateway/port/dpdk_port.hh"

#include "base/log.hh"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>

namespace sekisho::port {
namespace {

constexpr std::uint16_t descriptors = 1024; // a millisecond's pause at 1 Mpps a queue

std::string because(int error) { return std::string(": ") + rte_strerror(error < 0 ? -error : error); }

constexpr std::size_t longest_key = 64; // octets; 40 and 52 are usual
constexpr auto symmetric_key = [] {
  std::array<std::uint8_t, longest_key> key{};
  for (std::size_t i = 0; i < key.size(); ++i)
    key[i] = static_cast<std::uint8_t>(i % 2 ? rss_key_word & 0xff : rss_key_word >> 8);
  return key;
}();

constexpr std::uint64_t by_addresses = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;
constexpr std::uint64_t by_ports = RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP;

/// What the card is asked to hash.  A card that cannot hash TCP by addresses alone hashes ports too: then
/// frames go astray, and the cores hand them over.
std::uint64_t hashed_by(const rte_eth_dev_info &info, bool &only_addresses) {
  std::uint64_t can = info.flow_type_rss_offloads;
  only_addresses = (can & by_addresses) == by_addresses;
  return can & (only_addresses ? RTE_ETH_RSS_IP : RTE_ETH_RSS_IP | by_ports);
}

struct Plan {
  rte_eth_conf configuration{};
  std::array<std::uint8_t, longest_key> key = symmetric_key;
  bool only_addresses = false;
};

void plan_spreading(const rte_eth_dev_info &info, Plan &plan) {
  std::uint64_t hashed = hashed_by(info, plan.only_addresses);
  if (hashed == 0) return;
  plan.configuration.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
  auto &rss = plan.configuration.rx_adv_conf.rss_conf;
  rss.rss_hf = hashed;
  if (info.hash_key_size == 0 || info.hash_key_size > plan.key.size()) {
    plan.only_addresses = false; // its own key: not ours to rely on
    return;
  }
  rss.rss_key = plan.key.data();
  rss.rss_key_len = info.hash_key_size;
}

/// Entry i of the table: the core of slot i.
bool write_table(std::uint16_t id, const rte_eth_dev_info &info, const Owners &owners,
                 std::uint16_t queues) {
  if (info.reta_size == 0 || info.reta_size % RTE_ETH_RETA_GROUP_SIZE != 0) return false;
  std::vector<rte_eth_rss_reta_entry64> table(info.reta_size / RTE_ETH_RETA_GROUP_SIZE);
  for (std::size_t i = 0; i < info.reta_size; ++i) {
    auto &group = table[i / RTE_ETH_RETA_GROUP_SIZE];
    group.mask = ~std::uint64_t{0};
    group.reta[i % RTE_ETH_RETA_GROUP_SIZE] = static_cast<std::uint16_t>(owners.of_slot(i) % queues);
  }
  return rte_eth_dev_rss_reta_update(id, table.data(), info.reta_size) == 0;
}

Result<void> set_up_queues(const StartedDevice &device, const std::string &where,
                           const DeviceSettings &settings) {
  std::uint16_t receive = descriptors, send = descriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(device.id, &receive, &send);
  int socket = rte_eth_dev_socket_id(device.id);
  unsigned node = socket < 0 ? static_cast<unsigned>(SOCKET_ID_ANY) : static_cast<unsigned>(socket);
  for (std::uint16_t queue = 0; queue < device.receive_queues; ++queue) {
    rte_mempool *pool = settings.pools[queue % settings.pools.size()];
    if (int error = rte_eth_rx_queue_setup(device.id, queue, receive, node, nullptr, pool); error < 0)
      return fail("cannot set up receiving on port " + where + because(error));
  }
  for (std::uint16_t queue = 0; queue < device.send_queues; ++queue)
    if (int error = rte_eth_tx_queue_setup(device.id, queue, send, node, nullptr); error < 0)
      return fail("cannot set up sending on port " + where + because(error));
  return {};
}

Result<void> plan_frames(const rte_eth_dev_info &info, const std::string &where,
                         const DeviceSettings &settings, Plan &plan) {
  if (settings.mtu > 1500) {
    if (info.max_mtu != 0 && settings.mtu > info.max_mtu)
      return fail("port " + where + " takes frames of an MTU of " + std::to_string(info.max_mtu) +
                  " at the most; write  mtu " + std::to_string(info.max_mtu) + "  in its zone");
    plan.configuration.rxmode.mtu = settings.mtu;
  }
  // Buffers are as long as the longest frame; a card that fills them in pieces all the same says so.
  plan.configuration.rxmode.offloads = 0;
  if (settings.mtu > 1500) plan.configuration.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
  // Every frame has one holder; with one pool the card's driver need not look where to give it back.
  if (settings.has_one_pool)
    plan.configuration.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
  return {};
}

Result<Mac> mac_of_device(std::uint16_t id, const std::string &where) {
  rte_ether_addr address{};
  if (int error = rte_eth_macaddr_get(id, &address); error < 0)
    return fail("cannot read the MAC address of port " + where + because(error));
  Mac mac;
  std::copy(std::begin(address.addr_bytes), std::end(address.addr_bytes), mac.octets.begin());
  return mac;
}

} // namespace

Result<StartedDevice> start_device(const std::string &name, const std::string &where,
                                   const DeviceSettings &settings) {
  StartedDevice device;
  if (rte_eth_dev_get_port_by_name(name.c_str(), &device.id) != 0)
    return fail("DPDK knows no port " + where);
  rte_eth_dev_info info{};
  if (int error = rte_eth_dev_info_get(device.id, &info); error < 0)
    return fail("cannot ask port " + where + " what it can do" + because(error));

  const Owners &owners = *settings.owners;
  std::size_t wanted = settings.receive_queues != 0 ? settings.receive_queues : owners.cores();
  device.receive_queues = static_cast<std::uint16_t>(std::min<std::size_t>(wanted, info.max_rx_queues));
  device.send_queues = static_cast<std::uint16_t>(std::min<std::size_t>(owners.cores(), info.max_tx_queues));
  Plan plan;
  TRY(plan_frames(info, where, settings, plan));
  if (device.receive_queues > 1) plan_spreading(info, plan);
  if (int error = rte_eth_dev_configure(device.id, device.receive_queues, device.send_queues,
                                        &plan.configuration);
      error < 0)
    return fail("cannot configure port " + where + because(error));
  TRY(set_up_queues(device, where, settings));
  if (int error = rte_eth_dev_start(device.id); error < 0)
    return fail("cannot start port " + where + because(error));
  // Neighbour discovery and VRRP are multicast.  A device without such a filter refuses, and has none.
  rte_eth_allmulticast_enable(device.id);
  if (device.receive_queues > 1)
    device.spreads_by_owner = write_table(device.id, info, owners, device.receive_queues) &&
                              plan.only_addresses && device.receive_queues == owners.cores();
  Result<Mac> mac = mac_of_device(device.id, where);
  if (!mac) return fail(mac.error());
  device.mac = *mac;
  return device;
}

} // namespace sekisho::port
