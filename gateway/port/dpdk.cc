#include "gateway/port/dpdk.hh"

#include "base/log.hh"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace sekisho::port {
namespace {

constexpr unsigned pool_frames = 16383; // a power of two less one fits the ring best
constexpr unsigned cache_frames = 512;  // per core, so that a burst never goes to the shared ring
constexpr std::uint16_t descriptors = 512;

std::string because(int error) { return std::string(": ") + rte_strerror(error < 0 ? -error : error); }

rte_mbuf *mbuf_of(const Frame &frame) { return static_cast<rte_mbuf *>(frame.handle); }

class MbufPool : public FramePool {
public:
  explicit MbufPool(rte_mempool *pool) : pool_(pool) {}
  rte_mempool *get() const { return pool_; }

  bool allocate(Frame &frame) override {
    rte_mbuf *mbuf = rte_pktmbuf_alloc(pool_);
    if (!mbuf) return false;
    frame = {.data = rte_pktmbuf_mtod(mbuf, std::byte *), .handle = mbuf};
    return true;
  }
  void set_length(Frame &frame, std::uint32_t length) override {
    frame.length = length;
    rte_mbuf *mbuf = mbuf_of(frame);
    mbuf->data_len = static_cast<std::uint16_t>(length);
    mbuf->pkt_len = length;
  }
  void strip_front(Frame &frame, std::uint32_t octets) override {
    frame.data += octets;
    frame.length -= octets;
    rte_pktmbuf_adj(mbuf_of(frame), static_cast<std::uint16_t>(octets));
  }
  bool grow_front(Frame &frame, std::uint32_t octets) override {
    if (!rte_pktmbuf_prepend(mbuf_of(frame), static_cast<std::uint16_t>(octets))) return false;
    frame.data -= octets;
    frame.length += octets;
    return true;
  }
  void release(std::span<const Frame> frames) override {
    for (const Frame &frame : frames) rte_pktmbuf_free(mbuf_of(frame));
  }
  std::uint32_t capacity() const override {
    return rte_pktmbuf_data_room_size(pool_) - RTE_PKTMBUF_HEADROOM;
  }

private:
  rte_mempool *pool_;
};

class DpdkPort : public Port {
public:
  DpdkPort(std::string name, std::uint16_t id, const Mac &mac, FramePool &pool)
      : name_(std::move(name)), id_(id), mac_(mac), pool_(pool) {}

  std::size_t receive(std::span<Frame> burst) override {
    std::array<rte_mbuf *, max_burst> mbufs;
    std::uint16_t wanted = static_cast<std::uint16_t>(std::min(burst.size(), max_burst));
    std::uint16_t count = rte_eth_rx_burst(id_, 0, mbufs.data(), wanted);
    for (std::uint16_t i = 0; i < count; ++i) burst[i] = frame_of(mbufs[i]);
    return count;
  }

  std::size_t transmit(std::span<const Frame> frames) override {
    std::size_t total = 0;
    while (total < frames.size()) {
      std::array<rte_mbuf *, max_burst> mbufs;
      std::size_t count = std::min(frames.size() - total, max_burst);
      for (std::size_t i = 0; i < count; ++i) mbufs[i] = mbuf_of(frames[total + i]);
      std::uint16_t sent =
          rte_eth_tx_burst(id_, 0, mbufs.data(), static_cast<std::uint16_t>(count));
      total += sent;
      if (sent < count) break;
    }
    if (total < frames.size()) pool_.release(frames.subspan(total));
    return total;
  }

  const Mac &mac() const override { return mac_; }
  std::string_view name() const override { return name_; }

private:
  static constexpr std::size_t max_burst = 64;

  /// A frame in pieces that cannot be joined is no whole frame.
  static Frame frame_of(rte_mbuf *mbuf) {
    bool is_whole = mbuf->nb_segs == 1 || rte_pktmbuf_linearize(mbuf) == 0;
    return {.data = rte_pktmbuf_mtod(mbuf, std::byte *),
            .length = is_whole ? mbuf->data_len : 0u,
            .vlan_stripped = (mbuf->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0,
            .handle = mbuf};
  }

  std::string name_;
  std::uint16_t id_;
  Mac mac_;
  FramePool &pool_;
};

bool are_huge_pages_free() {
  std::error_code ignored;
  for (const auto &size : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", ignored)) {
    std::ifstream file(size.path() / "free_hugepages");
    std::uint64_t count = 0;
    if (file >> count && count > 0) return true;
  }
  return false;
}

/// The environment layer keeps its core to itself; which processors that is stays the scheduler's choice,
/// unless the arguments say otherwise.
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

Result<Mac> start_port(std::uint16_t id, const std::string &name, rte_mempool *pool) {
  rte_eth_conf configuration{};
  if (int error = rte_eth_dev_configure(id, 1, 1, &configuration); error < 0)
    return fail("cannot configure port " + name + because(error));
  std::uint16_t receive = descriptors, send = descriptors;
  rte_eth_dev_adjust_nb_rx_tx_desc(id, &receive, &send);
  int socket = rte_eth_dev_socket_id(id);
  unsigned node = socket < 0 ? static_cast<unsigned>(SOCKET_ID_ANY) : static_cast<unsigned>(socket);
  if (int error = rte_eth_rx_queue_setup(id, 0, receive, node, nullptr, pool); error < 0)
    return fail("cannot set up receiving on port " + name + because(error));
  if (int error = rte_eth_tx_queue_setup(id, 0, send, node, nullptr); error < 0)
    return fail("cannot set up sending on port " + name + because(error));
  if (int error = rte_eth_dev_start(id); error < 0)
    return fail("cannot start port " + name + because(error));
  rte_ether_addr address{};
  if (int error = rte_eth_macaddr_get(id, &address); error < 0)
    return fail("cannot read the MAC address of port " + name + because(error));
  Mac mac;
  std::copy(std::begin(address.addr_bytes), std::end(address.addr_bytes), mac.octets.begin());
  return mac;
}

class RunningDpdk : public Dpdk {
public:
  explicit RunningDpdk(rte_mempool *pool) : pool_(pool) {}

  Result<void> open(const Device &device) {
    std::uint16_t id = 0;
    if (rte_eth_dev_get_port_by_name(device.name.c_str(), &id) != 0)
      return fail("DPDK knows no port " + device.where +
                  (device.kind == Device::Kind::card ? " (is the card bound to vfio-pci?)" : ""));
    Result<Mac> mac = start_port(id, device.name, pool_.get());
    if (!mac) return fail(mac.error());
    if (device.kind == Device::Kind::card) has_card_ = true;
    ports_.push_back(std::make_unique<DpdkPort>(
        device.where.empty() ? device.name : device.where, id, *mac, pool_));
    return {};
  }

  FramePool &pool() override { return pool_; }
  Port &port(std::size_t number) override { return *ports_[number]; }
  std::size_t port_count() const override { return ports_.size(); }
  bool has_card() const override { return has_card_; }
  std::size_t free_frames() const override { return rte_mempool_avail_count(pool_.get()); }

private:
  MbufPool pool_;
  std::vector<std::unique_ptr<DpdkPort>> ports_;
  bool has_card_ = false;
};

} // namespace

Result<std::unique_ptr<Dpdk>> Dpdk::start(const std::vector<std::string> &ports,
                                          const std::vector<std::string> &eal_arguments) {
  std::vector<Device> devices;
  for (const std::string &port : ports) {
    Result<Device> device = read_device(port, devices.size());
    if (!device) return fail(device.error());
    devices.push_back(std::move(*device));
  }
  bool huge_pages = are_huge_pages_free();
  if (!huge_pages)
    log_info("no free huge pages: packets cost 2.5 times as much.  For huge pages: "
             "echo 512 > /proc/sys/vm/nr_hugepages, then start again");
  TRY(start_eal(complete_eal_arguments(eal_arguments, devices, huge_pages, ::sched_getcpu())));

  rte_mempool *pool = rte_pktmbuf_pool_create("frames", pool_frames, cache_frames, 0,
                                              RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
  if (!pool) return fail("cannot make the pool of frames" + because(rte_errno));
  auto running = std::make_unique<RunningDpdk>(pool);
  for (const Device &device : devices) TRY(running->open(device));
  return std::unique_ptr<Dpdk>(std::move(running));
}

} // namespace sekisho::port
