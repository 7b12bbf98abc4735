// What a zone's port stands for, and the command line that opens it: words only, no DPDK.
#include "gateway/port/device.hh"

#include <algorithm>
#include <cctype>

namespace sekisho::port {
namespace {

/// A name must not bring device arguments of its own along.
bool is_plain(std::string_view text, std::string_view more) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || more.find(c) != more.npos;
  });
}

bool is_interface_name(std::string_view text) { return text.size() <= 15 && is_plain(text, "._-@"); }

/// [dddd:]bb:dd.f, hexadecimal; the function is 0 to 7.
bool is_pci_address(std::string_view text) {
  constexpr std::string_view with_domain = "xxxx:xx:xx.7";
  std::string_view shape = with_domain.substr(text.size() == 7 ? 5 : 0);
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool fits = shape[i] == 'x'   ? std::isxdigit(static_cast<unsigned char>(text[i])) != 0
                : shape[i] == '7' ? text[i] >= '0' && text[i] <= '7'
                                  : text[i] == shape[i];
    if (!fits) return false;
  }
  return true;
}

Device vdev(Device::Kind kind, std::string_view driver, std::size_t number, std::string_view where,
            std::string_view arguments) {
  Device device{.kind = kind, .where = std::string(where), .name = {}, .vdev = {}};
  device.name = std::string(driver) + std::to_string(number);
  device.vdev = device.name + std::string(arguments);
  return device;
}

bool has(const std::vector<std::string> &words, std::initializer_list<std::string_view> options) {
  return std::ranges::any_of(words, [&](const std::string &word) {
    std::string_view option = std::string_view(word).substr(0, word.find('='));
    return std::ranges::find(options, option) != options.end();
  });
}

/// Without huge pages those options only keep the environment layer from starting.
std::vector<std::string> without_huge_pages(const std::vector<std::string> &given,
                                            std::uint64_t memory_mib) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == "-m" || given[i] == "--socket-mem") ++i; // with its value
    else if (given[i] != "--in-memory" && !given[i].starts_with("--socket-mem="))
      kept.push_back(given[i]);
  }
  kept.insert(kept.end(), {"--no-huge", "-m", std::to_string(memory_mib), "--no-shconf"});
  return kept;
}

} // namespace

std::uint64_t memory_of(const std::vector<std::string> &eal_arguments) {
  for (std::size_t i = 0; i + 1 < eal_arguments.size(); ++i)
    if (eal_arguments[i] == "-m") return std::strtoull(eal_arguments[i + 1].c_str(), nullptr, 10);
  return 0;
}

std::string interface_of(std::string_view port) {
  constexpr std::string_view prefix = "af_xdp:";
  return std::string(port.starts_with(prefix) ? port.substr(prefix.size()) : port);
}

Result<Device> read_device(std::string_view port, std::size_t number, std::size_t queues) {
  using Kind = Device::Kind;
  auto after = [&](std::string_view prefix) { return std::string(port.substr(prefix.size())); };
  if (is_pci_address(port)) {
    std::string address = port.size() == 7 ? "0000:" + std::string(port) : std::string(port);
    return Device{.kind = Kind::card, .where = address, .name = address, .vdev = {}};
  }
  if (port == "null:") return vdev(Kind::null, "net_null", number, "", "");
  if (port.starts_with("pcap-loop:") && is_plain(after("pcap-loop:"), "._-/"))
    return vdev(Kind::pcap, "net_pcap", number, after("pcap-loop:"),
                ",rx_pcap=" + after("pcap-loop:") + ",infinite_rx=1");
  if (port.starts_with("pcap:") && is_plain(after("pcap:"), "._-/"))
    return vdev(Kind::pcap, "net_pcap", number, after("pcap:"), ",rx_pcap=" + after("pcap:"));
  if (port.starts_with("af_xdp:") && is_interface_name(after("af_xdp:")))
    return vdev(Kind::af_xdp, "net_af_xdp", number, after("af_xdp:"),
                ",iface=" + after("af_xdp:") + ",busy_budget=0" +
                    (queues > 1 ? ",queue_count=" + std::to_string(queues) : ""));
  if (is_interface_name(port))
    return Device{.kind = Kind::kernel_interface, .where = std::string(port), .name = {}, .vdev = {}};
  return fail("'" + std::string(port) +
              "' names no port: write a PCI address, an interface, af_xdp:INTERFACE, null: or "
              "pcap:FILE");
}

std::vector<std::string> complete_eal_arguments(const std::vector<std::string> &given,
                                                const std::vector<Device> &devices, bool huge_pages,
                                                int processor, std::uint64_t memory_mib) {
  bool wants_huge_pages = !has(given, {"--no-huge"});
  std::vector<std::string> words =
      wants_huge_pages && !huge_pages ? without_huge_pages(given, memory_mib) : given;
  bool has_card = false;
  for (const Device &device : devices) {
    if (device.kind == Device::Kind::card) has_card = true;
    if (device.kind == Device::Kind::card) words.insert(words.end(), {"-a", device.where});
    else if (!device.vdev.empty()) words.insert(words.end(), {"--vdev", device.vdev});
  }
  if (!has_card && !has(words, {"--no-pci"})) words.push_back("--no-pci");
  if (!has(words, {"--no-telemetry"})) words.push_back("--no-telemetry");
  if (wants_huge_pages && huge_pages && !has(words, {"--in-memory", "--file-prefix"}))
    words.push_back("--in-memory");
  if (!has(words, {"-l", "-c", "--lcores"}))
    words.insert(words.end(), {"--lcores", "0@" + std::to_string(processor)});
  if (!has(words, {"--log-level"})) words.push_back("--log-level=5"); // warnings and worse
  return words;
}

} // namespace sekisho::port
