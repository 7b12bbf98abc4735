#include "bench/packet/capture.hh"

#include "bench/packet/rig.hh"
#include "gateway/port/pcap_file.hh"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace sekisho::bench {
namespace {

constexpr std::size_t captured_flows = 4096;

/// https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html §4, in this machine's byte order.
class CaptureWriter {
public:
  explicit CaptureWriter(const std::string &path) : file_(path, std::ios::binary) {
    put(std::uint32_t{0xa1b2c3d4}), put(std::uint16_t{2}), put(std::uint16_t{4});
    put(std::uint32_t{0}), put(std::uint32_t{0}), put(std::uint32_t{262144}), put(std::uint32_t{1});
  }
  void add(const Octets &frame, std::uint64_t microseconds) {
    auto size = static_cast<std::uint32_t>(frame.size());
    put(static_cast<std::uint32_t>(1'764'000'000 + microseconds / 1'000'000));
    put(static_cast<std::uint32_t>(microseconds % 1'000'000));
    put(size), put(size);
    file_.write(reinterpret_cast<const char *>(frame.data()), size);
  }
  bool is_written() { return static_cast<bool>(file_.flush()); }

private:
  template <class Number> void put(Number number) {
    file_.write(reinterpret_cast<const char *>(&number), sizeof number);
  }
  std::ofstream file_;
};

bool write_capture(const std::string &path, const std::vector<Octets> &frames) {
  CaptureWriter capture(path);
  std::uint64_t time = 0;
  for (const Octets &frame : frames)
    capture.add(frame, time++);
  return capture.is_written();
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
  bool is_written = write_capture(folder + "/forward.pcap", frames_of(flows, 0, gateway_a)) &&
                    write_capture(folder + "/reverse.pcap", frames_of(flows, 1, gateway_b));
  std::ofstream(folder + "/rules") << town.text();
  std::ofstream l3fwd(folder + "/rules.l3fwd"), csv(folder + "/rules.csv");
  for (const Rule &rule : town.rules())
    l3fwd << l3fwd_line(rule), csv << csv_line(rule);
  // It wants one rule of IPv6.
  std::ofstream(folder + "/rules6.l3fwd") << "R2001:0db8:0:0:0:0:0:0/32 2001:0db8:0:0:0:0:0:0/32 "
                                             "0 : 65535 0 : 65535 0x06/0xff 0\n";
  return is_written && l3fwd.flush() && csv.flush() ? 0 : 1;
}

int read_captures(std::span<const std::string> files) {
  std::uint64_t packets = 0;
  for (const std::string &name : files) {
    Result<port::PcapFile> file = port::PcapFile::open(name);
    if (!file) return 1;
    for (port::PcapFile::Packet packet; file->next(packet) == port::PcapFile::Next::packet;)
      ++packets;
  }
  fmt::print("{}\n", packets);
  return 0;
}

int export_replay(const std::string &folder, std::size_t rules, std::size_t packets) {
  std::vector<Flow> flows = captured(Town(rules));
  std::array<CaptureWriter, 2> captures{CaptureWriter(folder + "/replay-a.pcap"),
                                        CaptureWriter(folder + "/replay-b.pcap")};
  const std::array<Mac, 2> gateways = {gateway_a, gateway_b};
  std::uint64_t time = 0;
  for (const Flow &flow : flows)
    for (const Opening &opening : opening_of(flow, gateways))
      captures[opening.from].add(make_frame(opening.spec), time++);
  std::array frames{frames_of(flows, 0, gateway_a), frames_of(flows, 1, gateway_b)};
  Random random;
  while (time < packets) {
    std::uint64_t train = 1 + random.below(16), from = random.below(2);
    for (; train > 0; --train)
      captures[from].add(frames[from][random.below(captured_flows)], time++);
  }
  return captures[0].is_written() && captures[1].is_written() ? 0 : 1;
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
