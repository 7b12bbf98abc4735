// A whole gateway in memory: the shipped kind of rules, three zones, time by hand.
#pragma once

#include "gateway/path/path.hh"
#include "gateway/port/memory.hh"
#include "rules/compile.hh"
#include "tests/support/packets.hh"

#include <gtest/gtest.h>

namespace sekisho::test {

using path::Fate, path::Side;
using rules::Verdict;

constexpr rules::ZoneId mynumber = 0, lgwan = 1, internet = 2;
constexpr UnixSeconds noon = 1'795'143'600; // 2026-11-20T03:00:00Z, noon in Japan

inline constexpr std::string_view zones_text = R"(
zone mynumber { port "m"  network 10.1.0.0/24  address 10.1.0.1  closed }
zone lgwan { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone internet { port "i"  network 10.3.0.0/24  address 10.3.0.1  outside }
host tax-01 { zone mynumber  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host eltax { zone lgwan  address 10.2.0.40  mac 02:00:5e:10:00:02 }
)";
inline constexpr std::string_view permit_text = R"(
permit tcp port 443 from tax-01 to eltax
    for "eLTAX"  owner "tax"  approved "R8-031"  until 2027-03-31
permit udp port 123 from tax-01 to eltax
    for "time"  owner "it"  approved "R8-032"  until 2026-11-20
relay mail inbound from internet to lgwan {
    recipients "*@town.example.lg.jp"
    next-hop 10.2.0.25
    body text
    size 20 MB
    attachment { any strip }
    for "mail"  owner "it"  approved "R8-002"
}
)";

inline std::shared_ptr<const rules::RuleSet> compile_text(std::string_view text) {
  rules::SourceFile source{"test.rules", std::string(text)};
  rules::Compiled compiled = rules::compile({&source, 1}, noon);
  EXPECT_TRUE(compiled.rules) << rules::render(compiled.diagnostics, {&source, 1}, false);
  return compiled.rules;
}

class Gateway {
public:
  explicit Gateway(path::PathOptions options = {.flows = 1000}) : path(options, pool, &events) {
    for (rules::ZoneId zone : {mynumber, lgwan, internet})
      path.attach(zone, ports[zone], &taps[zone]);
    load(std::string(zones_text) + std::string(permit_text));
  }
  ~Gateway() { EXPECT_EQ(pool.outstanding(), 0u) << "a frame was kept"; }

  void load(std::string_view text) {
    std::shared_ptr<const rules::RuleSet> rules = compile_text(text);
    path.adopt(rules ? std::make_shared<const path::Policy>(rules) : nullptr);
  }
  /// One frame through the path, alone.
  Fate send(rules::ZoneId zone, Bytes frame, Side side = Side::port) {
    port::MemoryPort &port = side == Side::port ? ports[zone] : taps[zone];
    port.feed(frame);
    std::array<port::Frame, 1> burst;
    EXPECT_EQ(port.receive(burst), 1u);
    return path.run(zone, side, burst, now)[0];
  }
  void wait(std::uint32_t seconds) {
    now.nanoseconds += seconds * 1'000'000'000ull;
    now.unix += seconds;
  }
  std::uint64_t count(rules::ZoneId zone, Reason reason) const {
    return path.counters().zones[zone].reasons[static_cast<std::size_t>(reason)].value();
  }
  std::vector<path::Event> noted() {
    std::vector<path::Event> all;
    for (path::Event event; events.pop(event);) all.push_back(event);
    return all;
  }

  port::HeapPool pool{512, 2048};
  path::EventRing events;
  path::Now now{.nanoseconds = 5'000'000'000, .unix = noon};
  std::array<port::MemoryPort, 3> ports = {
      port::MemoryPort{"m", mac("02:00:5e:00:00:01"), pool},
      port::MemoryPort{"l", mac("02:00:5e:00:00:02"), pool},
      port::MemoryPort{"i", mac("02:00:5e:00:00:03"), pool}};
  std::array<port::MemoryPort, 3> taps = ports;
  path::Path path;
};

/// tax-01 to eltax, the listed flow; and back.
inline PacketBuilder there() { return {}; }
inline PacketBuilder back() {
  return {.to_mac = mac("02:00:5e:00:00:02"),
          .from_mac = mac("02:00:5e:10:00:02"),
          .from = ip("10.2.0.40"),
          .to = ip("10.1.0.11"),
          .from_port = 443,
          .to_port = 40000,
          .flags = wire::tcp_flag::syn | wire::tcp_flag::ack,
          .sequence = 5000,
          .acknowledgement = 1001};
}
/// A host of the internet to the relay.
inline PacketBuilder mail() {
  return {.to_mac = mac("02:00:5e:00:00:03"),
          .from_mac = mac("02:00:5e:30:00:50"),
          .from = ip("10.3.0.50"),
          .to = ip("10.3.0.1"),
          .to_port = 25};
}

inline void handshake(Gateway &gateway) {
  EXPECT_EQ(gateway.send(mynumber, there().ipv4()).verdict, Verdict::pass);
  EXPECT_EQ(gateway.send(lgwan, back().ipv4()).verdict, Verdict::pass);
  PacketBuilder third = there();
  third.flags = wire::tcp_flag::ack;
  third.sequence = 1001;
  third.acknowledgement = 5001;
  EXPECT_EQ(gateway.send(mynumber, third.ipv4()).verdict, Verdict::pass);
}
inline PacketBuilder data_there() {
  PacketBuilder data = there();
  data.flags = wire::tcp_flag::ack | wire::tcp_flag::psh;
  data.sequence = 1001;
  data.acknowledgement = 5001;
  data.data = "GET / HTTP/1.1";
  return data;
}

} // namespace sekisho::test
