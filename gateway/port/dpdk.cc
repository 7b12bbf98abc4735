#include "gateway/port/dpdk.hh"

#include "base/log.hh"
#include "gateway/port/dpdk_port.hh"
#include "gateway/port/exchange.hh"
#include "gateway/port/link.hh"
#include "gateway/port/machine.hh"
#include "gateway/port/packet_socket.hh"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include <net/if.h>
#include <sched.h>

#include <bit>
#include <map>
#include <set>

namespace sekisho::port {
namespace {

constexpr unsigned cache_frames = 512; // per core, so that a burst never goes to the shared ring
constexpr std::uint64_t mib = 1u << 20;

std::string because(int error) { return std::string(": ") + rte_strerror(error < 0 ? -error : error); }

/// The buffers of one NUMA node.
struct PoolSize {
  unsigned frames = 0;
  std::uint16_t room = 0; // octets of a buffer, headroom included

  static PoolSize of(const std::vector<PortWish> &ports, std::size_t cores) {
    std::uint32_t mtu = 1500;
    for (const PortWish &port : ports) mtu = std::max(mtu, port.mtu);
    std::uint32_t frame = mtu + 14 + 8 + 4; // Ethernet, two tags, FCS
    // Two rings of descriptors a core and port, what a core's cache and its rings to others hold, what waits
    // there for the rest of its datagram (path/reassembly.hh), and some to spare.
    constexpr std::size_t fragments = 2048, spare = 2048;
    std::size_t held = ports.size() * cores * 2 * 1024 +
                       cores * (2 * cache_frames + cores * 512 + fragments) + spare;
    PoolSize size;
    size.frames = std::bit_ceil(static_cast<unsigned>(std::max<std::size_t>(held, 1u << 14))) - 1;
    size.room = static_cast<std::uint16_t>(
        std::max<std::uint32_t>(2048, (frame + 1023) / 1024 * 1024) + RTE_PKTMBUF_HEADROOM);
    return size;
  }
  std::uint64_t octets() const {
    return std::uint64_t{frames} * (room + sizeof(rte_mbuf) + 64); // and its header
  }
};

/// The environment layer pins this thread; which processors it may use stays the scheduler's choice, unless
/// the arguments say otherwise.
Result<void> start_eal(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "sekishod");
  std::vector<char *> words;
  for (std::string &word : arguments) words.push_back(word.data());
  cpu_set_t before;
  bool is_known = ::sched_getaffinity(0, sizeof before, &before) == 0;
  if (rte_eal_init(static_cast<int>(words.size()), words.data()) < 0) {
    std::string line;
    for (const std::string &word : arguments) line += " " + word;
    return fail("DPDK does not start" + because(rte_errno) + "; it was given" + line);
  }
  bool has_choice = std::ranges::find(arguments, "-l") == arguments.end() &&
                    std::ranges::find(arguments, "-c") == arguments.end();
  if (is_known && has_choice) ::sched_setaffinity(0, sizeof before, &before);
  return {};
}

class RunningDpdk : public Dpdk {
public:
  explicit RunningDpdk(const DpdkOptions &options)
      : processors_(options.processors), owners_(options.core_count()) {
    ::sched_getaffinity(0, sizeof allowed_, &allowed_);
  }

  Result<void> make_pools(const PoolSize &size, const Machine &machine);
  Result<void> open(const Device &device, std::uint32_t mtu, std::size_t receive_queues);

  FramePool &pool(std::size_t core) override { return *pools_[core]; }
  Port &port(std::size_t number, std::size_t core) override { return *ports_[number][core]; }
  std::size_t port_count() const override { return ports_.size(); }
  const Owners &owners() const override { return owners_; }
  bool has_card() const override { return has_card_; }
  Handed handed() const override;
  std::optional<bool> link(std::size_t number) const override;
  Result<void> enter(std::size_t core) override;
  void stay_beside() override;
  std::size_t free_frames() const override;

private:
  Result<std::vector<std::unique_ptr<Port>>> open_device(const Device &device, std::uint32_t mtu,
                                                         std::size_t receive_queues, bool &trusted);
  Result<std::vector<std::unique_ptr<Port>>> open_interface(const Device &device, std::uint32_t mtu);
  MbufPool *pool_of_node(int node, const PoolSize &size);

  std::vector<unsigned> processors_;
  cpu_set_t allowed_{};
  Owners owners_;
  std::map<int, std::unique_ptr<MbufPool>> by_node_;
  std::vector<MbufPool *> pools_; // by core
  std::vector<std::unique_ptr<Port>> own_;
  std::vector<std::unique_ptr<Exchange>> exchanges_;
  std::vector<std::unique_ptr<SendLock>> locks_;
  std::vector<std::vector<Port *>> ports_; // by number and core
  std::vector<Device> devices_;            // by number
  std::vector<unsigned> interfaces_;       // of the kernel, by number; 0 for others
  LinkWatch links_;
  bool has_card_ = false;
};

MbufPool *RunningDpdk::pool_of_node(int node, const PoolSize &size) {
  auto &pool = by_node_[node];
  if (pool) return pool.get();
  std::string name = "frames-" + std::to_string(node);
  rte_mempool *made = nullptr;
  for (int where : {node, static_cast<int>(SOCKET_ID_ANY)}) // ordinary memory is of no node
    if (!made)
      made = rte_pktmbuf_pool_create(name.c_str(), size.frames, cache_frames, 0, size.room, where);
  if (made) pool = std::make_unique<MbufPool>(made);
  return pool.get();
}

/// A core's frames come from its own node's memory.
Result<void> RunningDpdk::make_pools(const PoolSize &size, const Machine &machine) {
  for (std::size_t core = 0; core < owners_.cores(); ++core) {
    int node = processors_.empty() ? machine.node_of_processor(static_cast<unsigned>(::sched_getcpu()))
                                   : machine.node_of_processor(processors_[core]);
    MbufPool *pool = pool_of_node(node, size);
    if (!pool) {
      bool are_free = machine.free_huge_octets() >= size.octets();
      return fail("no memory for the frames of node " + std::to_string(node) + ", " +
                  std::to_string(size.octets() / mib) + " MiB" + because(rte_errno) + "; " +
                  (are_free ? "" : "type: " + machine.huge_page_command(size.octets()) + ", and ") +
                  "leave -m out of --eal where it says less");
    }
    pools_.push_back(pool);
  }
  return {};
}

Result<std::vector<std::unique_ptr<Port>>> RunningDpdk::open_interface(const Device &device,
                                                                       std::uint32_t mtu) {
  std::vector<FramePool *> pools(pools_.begin(), pools_.end());
  Result<std::vector<std::unique_ptr<PacketSocket>>> sockets =
      PacketSocket::open(device.where, mtu, pools);
  if (!sockets) return fail(sockets.error());
  std::vector<std::unique_ptr<Port>> own;
  for (auto &socket : *sockets) own.push_back(std::move(socket));
  return own;
}

Result<std::vector<std::unique_ptr<Port>>> RunningDpdk::open_device(const Device &device,
                                                                    std::uint32_t mtu,
                                                                    std::size_t receive_queues,
                                                                    bool &trusted) {
  DeviceSettings settings{.mtu = mtu,
                          .receive_queues = receive_queues,
                          .owners = &owners_,
                          .pools = {},
                          .has_one_pool = by_node_.size() == 1};
  for (MbufPool *pool : pools_) settings.pools.push_back(pool->get());
  std::string where = device.where.empty() ? device.name : device.where;
  Result<StartedDevice> started = start_device(device.name, where, settings);
  if (!started) return fail(started.error());
  trusted = started->spreads_by_owner;
  int node = rte_eth_dev_socket_id(started->id);
  if (node >= 0 && by_node_.size() > 0 && !by_node_.contains(node))
    log_info("port " + where + " is on NUMA node " + std::to_string(node) +
             ", no forwarding core is: every frame crosses between the nodes");
  std::vector<SendLock *> locks(started->send_queues, nullptr);
  if (started->send_queues < owners_.cores())
    for (SendLock *&lock : locks) lock = locks_.emplace_back(std::make_unique<SendLock>()).get();
  std::vector<std::unique_ptr<Port>> own;
  for (std::size_t core = 0; core < owners_.cores(); ++core) {
    auto send = static_cast<std::uint16_t>(core % started->send_queues);
    bool has_queue = core < started->receive_queues;
    own.push_back(std::make_unique<DpdkPort>(
        where, *started, has_queue ? static_cast<std::uint16_t>(core) : DpdkPort::no_queue, send,
        locks[send], *pools_[core]));
  }
  return own;
}

Result<void> RunningDpdk::open(const Device &device, std::uint32_t mtu, std::size_t receive_queues) {
  bool trusted = false;
  auto own = device.kind == Device::Kind::kernel_interface
                 ? open_interface(device, mtu)
                 : open_device(device, mtu, receive_queues, trusted);
  if (!own) return fail(own.error());
  if (device.kind == Device::Kind::card) has_card_ = true;
  std::vector<Port *> ports;
  for (auto &port : *own) ports.push_back(port.get());
  if (owners_.cores() > 1) {
    std::vector<FramePool *> pools(pools_.begin(), pools_.end());
    exchanges_.push_back(std::make_unique<Exchange>(owners_, ports, pools, trusted));
    for (std::size_t core = 0; core < ports.size(); ++core)
      ports[core] = &exchanges_.back()->port(core);
  }
  ports_.push_back(std::move(ports));
  devices_.push_back(device);
  interfaces_.push_back(device.is_of_kernel() ? ::if_nametoindex(device.where.c_str()) : 0);
  for (auto &port : *own) own_.push_back(std::move(port));
  return {};
}

Dpdk::Handed RunningDpdk::handed() const {
  Handed handed;
  for (const auto &exchange : exchanges_) {
    handed.over += exchange->handed_over();
    handed.lost += exchange->lost();
    handed.distrusted += exchange->is_distrusted();
  }
  return handed;
}

std::optional<bool> RunningDpdk::link(std::size_t number) const {
  if (interfaces_[number] != 0) return links_.is_up(interfaces_[number]);
  std::uint16_t id = 0;
  rte_eth_link link{};
  bool is_card = devices_[number].kind == Device::Kind::card;
  if (!is_card || rte_eth_dev_get_port_by_name(devices_[number].name.c_str(), &id) != 0 ||
      rte_eth_link_get_nowait(id, &link) != 0)
    return {};
  return link.link_status == RTE_ETH_LINK_UP;
}

Result<void> RunningDpdk::enter(std::size_t core) {
  if (core > 0 && rte_thread_register() < 0)
    return fail("DPDK does not know the thread of core " + std::to_string(core) + because(rte_errno));
  if (processors_.empty()) return {};
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processors_[core], &one);
  if (::sched_setaffinity(0, sizeof one, &one) != 0)
    return fail("--cores: processor " + std::to_string(processors_[core]) +
                " is not for this process; see AllowedCPUs= of its systemd unit, or taskset -p");
  return {};
}

void RunningDpdk::stay_beside() {
  cpu_set_t beside = allowed_;
  for (unsigned processor : processors_) CPU_CLR(processor, &beside);
  if (CPU_COUNT(&beside) > 0) ::sched_setaffinity(0, sizeof beside, &beside);
}

std::size_t RunningDpdk::free_frames() const {
  std::size_t total = 0;
  for (const auto &[node, pool] : by_node_) total += rte_mempool_avail_count(pool->get());
  return total;
}

/// AF_XDP has to serve all queues of its interface: what comes in by another would be lost.
Result<std::size_t> queues_of(const std::string &port, const Machine &machine, std::size_t cores) {
  if (!port.starts_with("af_xdp:")) return std::size_t{0};
  std::string interface = interface_of(port);
  TRY(machine.check_interface(interface));
  std::size_t queues = machine.receive_queues(interface);
  if (queues > cores)
    return fail("interface " + interface + " has " + std::to_string(queues) + " queues for " +
                std::to_string(cores) + (cores == 1 ? " core" : " cores") +
                "; type: ethtool -L " + interface + " combined " + std::to_string(cores));
  return queues;
}

struct OpenedDevice {
  Device device;
  std::size_t receive_queues = 0;
};

Result<std::vector<OpenedDevice>> find_devices(const std::vector<PortWish> &ports,
                                               const Machine &machine, std::size_t cores) {
  std::vector<OpenedDevice> found;
  for (const PortWish &wish : ports) {
    Result<std::size_t> queues = queues_of(wish.port, machine, cores);
    if (!queues) return fail(queues.error());
    Result<Device> device = read_device(wish.port, found.size(), std::max<std::size_t>(*queues, 1));
    if (!device) return fail(device.error());
    if (device->kind == Device::Kind::card) TRY(machine.check_card(device->where));
    if (device->is_of_kernel()) TRY(machine.check_interface(device->where));
    found.push_back({std::move(*device), *queues});
  }
  return found;
}

/// With a card, huge pages or nothing; kernel interfaces are slow enough to do without.
Result<bool> use_huge_pages(const Machine &machine, bool has_card, std::uint64_t octets) {
  if (has_card) TRY(machine.check_memory(octets));
  bool are_free = machine.free_huge_octets() >= octets;
  if (!are_free)
    log_info("too few free huge pages: packets cost 2.5 times as much.  For huge pages: " +
             machine.huge_page_command(octets) + ", then start again");
  return are_free;
}

} // namespace

Result<std::unique_ptr<Dpdk>> Dpdk::start(const std::vector<PortWish> &ports,
                                          const DpdkOptions &options) {
  Machine machine;
  TRY(machine.check_processors(options.processors));
  Result<std::vector<OpenedDevice>> found = find_devices(ports, machine, options.core_count());
  if (!found) return fail(found.error());
  std::vector<Device> devices;
  for (const OpenedDevice &one : *found) devices.push_back(one.device);
  bool has_card = std::ranges::any_of(
      devices, [](const Device &device) { return device.kind == Device::Kind::card; });

  std::string advice = has_card ? machine.advice_for(options.processors) : "";
  if (!advice.empty()) log_info(advice);

  PoolSize size = PoolSize::of(ports, options.core_count());
  std::set<int> nodes;
  for (unsigned processor : options.processors) nodes.insert(machine.node_of_processor(processor));
  std::uint64_t pools = size.octets() * std::max<std::size_t>(nodes.size(), 1);
  std::uint64_t wanted = std::max(pools + 16 * mib, memory_of(options.eal_arguments) * mib);
  bool is_told = std::ranges::find(options.eal_arguments, "--no-huge") != options.eal_arguments.end();
  Result<bool> huge_pages = is_told ? Result<bool>(false) : use_huge_pages(machine, has_card, wanted);
  if (!huge_pages) return fail(huge_pages.error());

  auto running = std::make_unique<RunningDpdk>(options);
  int processor = options.processors.empty() ? ::sched_getcpu() : static_cast<int>(options.processors[0]);
  TRY(start_eal(complete_eal_arguments(options.eal_arguments, devices, *huge_pages, processor,
                                       std::max<std::uint64_t>(512, pools / mib + 128))));
  TRY(running->make_pools(size, machine));
  for (std::size_t i = 0; i < ports.size(); ++i) {
    Result<void> opened = running->open(devices[i], ports[i].mtu, (*found)[i].receive_queues);
    bool is_card = devices[i].kind == Device::Kind::card;
    if (!opened)
      return is_card ? fail(opened.error().what + ": " + machine.why_no_port(devices[i].where))
                     : fail(opened.error());
  }
  return std::unique_ptr<Dpdk>(std::move(running));
}

Result<std::unique_ptr<Dpdk>> Dpdk::start(const std::vector<std::string> &ports,
                                          const std::vector<std::string> &eal_arguments) {
  std::vector<PortWish> wishes;
  for (const std::string &port : ports) wishes.push_back({.port = port});
  return start(wishes, {.eal_arguments = eal_arguments, .processors = {}});
}

} // namespace sekisho::port
