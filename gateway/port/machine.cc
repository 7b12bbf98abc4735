#include "gateway/port/machine.hh"

#include "gateway/port/owner.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace sekisho::port {
namespace {

namespace fs = std::filesystem;

std::string first_word(const std::string &path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

std::uint64_t number_in(const std::string &path) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : 0;
}

/// The last part of where a link leads; empty where there is none.
std::string link_target(const std::string &path) {
  std::error_code ignored;
  return fs::read_symlink(path, ignored).filename().string();
}

std::vector<std::string> names_in(const std::string &folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto &entry : fs::directory_iterator(folder, ignored))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

bool exists(const std::string &path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string joined(const std::vector<std::string> &words, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(words.size(), most); ++i) text += (i ? ", " : "") + words[i];
  return words.size() > most ? text + ", …" : text;
}

/// "2-3,6" as a kernel writes it.
std::set<unsigned> processors_in(const std::string &list) {
  std::set<unsigned> numbers;
  for (const char *at = list.c_str(); std::isdigit(static_cast<unsigned char>(*at));) {
    char *end = nullptr;
    unsigned long first = std::strtoul(at, &end, 10), last = first;
    if (*end == '-') last = std::strtoul(end + 1, &end, 10);
    for (unsigned long number = first; number <= last && number < 4096; ++number)
      numbers.insert(static_cast<unsigned>(number));
    at = *end == ',' ? end + 1 : end;
  }
  return numbers;
}

constexpr std::uint64_t mib = 1u << 20;
constexpr std::string_view nr_hugepages = "/proc/sys/vm/nr_hugepages"; // of the default size

/// Drivers that hand a card to a process; the mlx ones share it with the kernel.
bool is_for_dpdk(const std::string &driver) {
  static constexpr std::array<std::string_view, 5> good = {"vfio-pci", "uio_pci_generic", "igb_uio",
                                                           "mlx5_core", "mlx4_core"};
  return std::ranges::find(good, driver) != good.end();
}

/// The kernel's name for a card; a virtio card has it one folder deeper.
std::string interface_of(const std::string &device) {
  std::vector<std::string> names = names_in(device + "/net");
  for (const std::string &part : names_in(device))
    if (names.empty() && part.starts_with("virtio")) names = names_in(device + "/" + part + "/net");
  return joined(names, 1);
}

} // namespace

std::uint64_t Machine::free_huge_octets() const {
  std::uint64_t octets = 0;
  for (const std::string &size : names_in(path("/sys/kernel/mm/hugepages"))) { // "hugepages-2048kB"
    std::uint64_t free = number_in(path("/sys/kernel/mm/hugepages/" + size + "/free_hugepages"));
    std::size_t dash = size.find('-');
    if (dash != size.npos) octets += free * std::strtoull(size.c_str() + dash + 1, nullptr, 10) * 1024;
  }
  return octets;
}

int Machine::node_of_processor(unsigned processor) const {
  for (const std::string &name :
       names_in(path("/sys/devices/system/cpu/cpu" + std::to_string(processor))))
    if (name.starts_with("node")) return std::atoi(name.c_str() + 4);
  return 0;
}

std::size_t Machine::receive_queues(const std::string &interface) const {
  auto queues = names_in(path("/sys/class/net/" + interface + "/queues"));
  auto count = std::ranges::count_if(queues, [](const auto &name) { return name.starts_with("rx-"); });
  return std::max<std::size_t>(1, static_cast<std::size_t>(count));
}

Result<void> Machine::check_card(const std::string &address) const {
  const std::string device = path("/sys/bus/pci/devices/" + address);
  if (!exists(device))
    return fail("there is no PCI device " + address +
                "; dpdk-devbind.py --status lists the network cards of this machine");
  if (!first_word(device + "/class").starts_with("0x02"))
    return fail("PCI device " + address + " is no network card; dpdk-devbind.py --status lists them");
  std::string driver = link_target(device + "/driver");
  std::string bind = "modprobe vfio-pci && dpdk-devbind.py --bind=vfio-pci " + address;
  if (driver.empty()) return fail("no driver is bound to card " + address + "; type: " + bind);
  if (!is_for_dpdk(driver)) {
    std::string interface = interface_of(device);
    return fail("card " + address + " belongs to the kernel's driver " + driver +
                (interface.empty() ? "" : " (interface " + interface + ")") + "; type: " +
                (interface.empty() ? "" : "ip link set " + interface + " down && ") + bind +
                (interface.empty() ? "" : "; or write  port \"" + interface + "\"  to leave it there"));
  }
  if (driver != "vfio-pci") return {};
  if (!exists(path("/dev/vfio/vfio")))
    return fail("card " + address + " is bound to vfio-pci, but there is no /dev/vfio/vfio; type: "
                                    "modprobe vfio-pci");
  std::string without = first_word(path("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"));
  if (link_target(device + "/iommu_group").empty() && without != "Y")
    return fail("card " + address +
                " has no IOMMU: switch VT-d or AMD-Vi on in the BIOS and boot with intel_iommu=on iommu=pt; "
                "in a virtual machine without one: echo 1 > "
                "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode, then bind the card again");
  return {};
}

std::string Machine::why_no_port(const std::string &address) const {
  const std::string device = path("/sys/bus/pci/devices/" + address);
  std::string group = link_target(device + "/iommu_group");
  std::string busy = group.empty() ? "dpdk-devbind.py --status" : "fuser -v /dev/vfio/" + group;
  return "DPDK makes no port of card " + address + " (" + first_word(device + "/vendor") + ":" +
         first_word(device + "/device") + "): another process has it (" + busy +
         " tells), or it has no driver for it (docs/hardware.md lists them)";
}

Result<void> Machine::check_interface(const std::string &name) const {
  if (exists(path("/sys/class/net/" + name))) return {};
  std::vector<std::string> names = names_in(path("/sys/class/net"));
  std::erase_if(names, [](const std::string &one) { return one == "lo" || one.starts_with("sk-"); });
  return fail("there is no interface " + name + "; there are " +
              (names.empty() ? "none" : joined(names, 12)));
}

std::string Machine::huge_page_command(std::uint64_t octets) const {
  std::uint64_t page = 2 * mib; // of the default size
  std::ifstream file(path("/proc/meminfo"));
  for (std::string word; file >> word;)
    if (std::uint64_t kib = 0; word == "Hugepagesize:" && file >> kib) page = kib * 1024;
  std::uint64_t now = number_in(path(std::string(nr_hugepages)));
  std::uint64_t free = std::min(free_huge_octets(), octets);
  std::uint64_t more = (octets - free + page - 1) / page;
  return "echo " + std::to_string(now + more) + " > " + std::string(nr_hugepages);
}

Result<void> Machine::check_memory(std::uint64_t octets) const {
  std::uint64_t free = free_huge_octets();
  if (free >= octets) return {};
  return fail("a card needs " + std::to_string((octets + mib - 1) / mib) + " MiB of huge pages, " +
              std::to_string(free / mib) + " MiB are free; type: " + huge_page_command(octets));
}

std::string Machine::advice_for(const std::vector<unsigned> &processors) const {
  std::set<unsigned> isolated = processors_in(first_word(path("/sys/devices/system/cpu/isolated")));
  std::string shared, siblings;
  std::set<unsigned> seen;
  for (unsigned processor : processors) {
    std::string number = std::to_string(processor);
    if (!isolated.contains(processor)) shared += (shared.empty() ? "" : ",") + number;
    for (unsigned other : processors_in(first_word(
             path("/sys/devices/system/cpu/cpu" + number + "/topology/thread_siblings_list"))))
      if (seen.contains(other)) siblings = std::to_string(other) + " and " + number;
    seen.insert(processor);
  }
  std::string advice;
  if (!shared.empty())
    advice = "the kernel may run other work on the forwarding cores; boot with isolcpus=managed_irq,domain," +
             shared + " nohz_full=" + shared + " rcu_nocbs=" + shared;
  if (!siblings.empty())
    advice += (advice.empty() ? "" : "; ") + ("processors " + siblings +
              " are one core's two threads: take one of them");
  return advice;
}

Result<void> Machine::check_processors(const std::vector<unsigned> &processors) const {
  if (processors.size() > max_cores)
    return fail("--cores names " + std::to_string(processors.size()) + " processors; " +
                std::to_string(max_cores) + " forwarding cores are the most");
  std::set<unsigned> seen;
  for (unsigned processor : processors) {
    std::string number = std::to_string(processor);
    if (!seen.insert(processor).second) return fail("--cores names processor " + number + " twice");
    if (!exists(path("/sys/devices/system/cpu/cpu" + number)))
      return fail("--cores: there is no processor " + number + "; there are " +
                  first_word(path("/sys/devices/system/cpu/present")));
    std::string online = path("/sys/devices/system/cpu/cpu" + number + "/online");
    if (exists(online) && first_word(online) == "0")
      return fail("--cores: processor " + number + " is switched off; type: echo 1 > " + online);
  }
  return {};
}

} // namespace sekisho::port
