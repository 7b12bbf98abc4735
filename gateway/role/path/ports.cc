#include "gateway/role/path/ports.hh"

namespace sekisho::role {

Result<std::unique_ptr<port::Dpdk>> open_ports(const PathConfig &config,
                                               const rules::RuleSet &rules) {
  std::vector<std::string> ports;
  for (const rules::Zone &zone : rules.zones()) ports.push_back(zone.port);
  return port::Dpdk::start(ports, config.eal_arguments);
}

Result<Taps> open_taps(const PathConfig &config, port::Dpdk &dpdk) {
  Taps taps;
  for (std::size_t zone = 0; zone < dpdk.port_count(); ++zone) {
    int fd = zone < config.taps.size() ? config.taps[zone] : -1;
    const port::Port &port = dpdk.port(zone);
    taps.ports.push_back(nullptr);
    if (fd < 0) continue;
    TRY(port::set_tap_mac(fd, port.mac()));
    taps.ports.back() = std::make_unique<port::TapPort>("tap of " + std::string(port.name()),
                                                        port.mac(), fd, dpdk.pool());
  }
  return taps;
}

} // namespace sekisho::role
