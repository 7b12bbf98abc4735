#include "bench/packet/capture.hh"

#include "bench/packet/rig.hh"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace sekisho::bench {
namespace {

constexpr std::size_t captured_flows = 4096;

/// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html §4, in this machine's byte order.
void write_capture(const std::string &path, const std::vector<Octets> &frames) {
  std::ofstream file(path, std::ios::binary);
  auto put = [&](auto value) { file.write(reinterpret_cast<const char *>(&value), sizeof value); };
  put(std::uint32_t{0xa1b2c3d4}), put(std::uint16_t{2}), put(std::uint16_t{4});
  put(std::uint32_t{0}), put(std::uint32_t{0}), put(std::uint32_t{262144}), put(std::uint32_t{1});
  std::uint32_t number = 0;
  for (const Octets &frame : frames) {
    auto size = static_cast<std::uint32_t>(frame.size());
    put(std::uint32_t{1'764'000'000 + number / 1'000'000}), put(number++ % 1'000'000);
    put(size), put(size);
    file.write(reinterpret_cast<const char *>(frame.data()), size);
  }
}

std::vector<Octets> frames_of(const std::vector<Flow> &flows, unsigned from, const Mac &gateway) {
  std::vector<Octets> frames;
  for (const Flow &flow : flows)
    frames.push_back(make_frame(spec_of(flow, from, gateway)));
  return frames;
}

/// l3fwd --rule_ipv4: R, source, destination, port ranges, protocol, the port it leaves by.
std::string l3fwd_line(const Rule &rule) {
  return fmt::format("R{}/{} {}/{} 0 : 65535 {} : {} 0x{:02x}/0xff 0\n",
                     to_string(Ip::from_v4(rule.source)), rule.source_bits,
                     to_string(Ip::from_v4(rule.destination)), rule.destination_bits,
                     rule.first_port, rule.last_port, rule.protocol);
}

/// For the peers' scripts: protocol, source, destination, ports.
std::string csv_line(const Rule &rule) {
  return fmt::format("{},{}/{},{}/{},{},{}\n", rule.protocol == protocol::tcp ? "tcp" : "udp",
                     to_string(Ip::from_v4(rule.source)), rule.source_bits,
                     to_string(Ip::from_v4(rule.destination)), rule.destination_bits,
                     rule.first_port, rule.last_port);
}

std::vector<Flow> captured(const Town &town) {
  return town.flows(captured_flows, 3);
}

} // namespace

int export_town(const std::string &folder, std::size_t rules) {
  Town town(rules);
  std::vector<Flow> flows = captured(town);
  write_capture(folder + "/forward.pcap", frames_of(flows, 0, gateway_a));
  write_capture(folder + "/reverse.pcap", frames_of(flows, 1, gateway_b));
  std::ofstream(folder + "/rules") << town.text();
  std::ofstream l3fwd(folder + "/rules.l3fwd"), csv(folder + "/rules.csv");
  for (const Rule &rule : town.rules())
    l3fwd << l3fwd_line(rule), csv << csv_line(rule);
  // It wants one rule of IPv6.
  std::ofstream(folder + "/rules6.l3fwd") << "R2001:0db8:0:0:0:0:0:0/32 2001:0db8:0:0:0:0:0:0/32 "
                                             "0 : 65535 0 : 65535 0x06/0xff 0\n";
  return l3fwd.flush() && csv.flush() ? 0 : 1;
}

namespace {

/// A port under the MAC that the frames of the capture are addressed to.
class Renamed : public Source {
public:
  Renamed(port::Port &port, const Mac &mac) : Source(port), mac_(mac) {}
  const Mac &mac() const override { return mac_; }

private:
  Mac mac_;
};

} // namespace

int serve_capture(const std::string &folder, std::size_t rules, bool with_reverse) {
  auto dpdk = port::Dpdk::start({"pcap-loop:" + folder + "/forward.pcap",
                                 with_reverse ? "pcap-loop:" + folder + "/reverse.pcap" : "null:"},
                                {"-m", "128", "--in-memory", "--log-level=4"});
  if (!dpdk) {
    fmt::print(stderr, "bench-packet: {}\n", dpdk.error().what);
    return 1;
  }
  pin();
  Rig rig(**dpdk);
  Renamed from_a(rig.port(0), gateway_a), from_b(rig.port(1), gateway_b);
  Silent silent(from_b);
  Town town(rules);
  rig.renew(16384, policy_of(town.text()), &from_a,
            with_reverse ? static_cast<port::Port *>(&from_b) : &silent);
  rig.open_all(captured(town));
  for (std::string line; std::getline(std::cin, line);) {
    double seconds = std::strtod(line.c_str(), nullptr);
    Sample warm = rig.path_ns(seconds / 4);
    Sample sample = rig.path_ns(seconds);
    rig.expect_dropped("serve", false);
    fmt::print("{}\n", Json{{"mpps", 1e3 / sample.value},
                            {"warm_mpps", 1e3 / warm.value},
                            {"core_share", sample.core_share}}
                           .dump());
    std::fflush(stdout);
  }
  return 0;
}

} // namespace sekisho::bench
