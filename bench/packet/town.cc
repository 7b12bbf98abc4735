#include "bench/packet/town.hh"

#include "rules/compile.hh"

#include <fmt/format.h>

#include <cstdlib>
#include <set>

namespace sekisho::bench {
namespace {

constexpr std::uint32_t zone_network(unsigned zone) {
  return 0x0a000000 | (zone + 1) << 16;
}
constexpr std::uint32_t host_address(unsigned zone, unsigned host) {
  return zone_network(zone) | host / 16 << 8 | (16 + host % 16);
}
/// The hosts within a network of `bits` are `count` from `first` on.
struct Hosts {
  unsigned first, count;
};
Hosts hosts_in(std::uint32_t network, unsigned bits) {
  unsigned subnet = network >> 8 & 15;
  if (bits == 32) return {subnet * 16 + (network & 15), 1};
  return bits >= 24 ? Hosts{subnet * 16, 16} : Hosts{0, hosts};
}

unsigned pick_bits(Random &random, const std::array<unsigned, 3> &shares) {
  std::uint64_t at = random.below(100);
  constexpr std::array<unsigned, 3> bits = {32, 28, 24};
  for (std::size_t i = 0; i < 3; ++i)
    if (at < shares[i]) return bits[i];
  return 20;
}

std::uint32_t pick_network(Random &random, unsigned zone, unsigned bits) {
  std::uint32_t host = host_address(zone, static_cast<unsigned>(random.below(hosts)));
  return host & ~std::uint32_t{0} << (32 - bits);
}

Rule pick_rule(Random &random) {
  Rule rule;
  rule.protocol = random.below(10) < 7 ? protocol::tcp : protocol::udp;
  rule.source_bits = pick_bits(random, {40, 75, 90});
  rule.destination_bits = pick_bits(random, {65, 85, 95});
  rule.source = pick_network(random, 0, rule.source_bits);
  rule.destination = pick_network(random, 1, rule.destination_bits);
  std::uint64_t kind = random.below(10);
  bool is_pair = rule.source_bits == 32 && rule.destination_bits == 32;
  rule.first_port = static_cast<std::uint16_t>(1 + random.below(49000));
  rule.last_port = rule.first_port;
  if (kind == 8)
    rule.last_port = static_cast<std::uint16_t>(rule.first_port + 3 + random.below(60));
  if (kind == 9 && is_pair) rule.first_port = 1, rule.last_port = 65535;
  return rule;
}

std::string network_text(std::uint32_t network, unsigned bits) {
  std::string address = to_string(Ip::from_v4(network));
  return bits == 32 ? address : fmt::format("{}/{}", address, bits);
}

std::string sentence_of(const Rule &rule) {
  std::string ports = rule.first_port == rule.last_port
                          ? fmt::format("{}", rule.first_port)
                          : fmt::format("{}-{}", rule.first_port, rule.last_port);
  return fmt::format(
      "permit {} port {} from {} to {} for \"bench\" owner \"bench\" approved \"1\"\n",
      rule.protocol == protocol::tcp ? "tcp" : "udp", ports,
      network_text(rule.source, rule.source_bits),
      network_text(rule.destination, rule.destination_bits));
}

unsigned pick_host(Random &random, std::uint32_t network, unsigned bits) {
  Hosts in = hosts_in(network, bits);
  return in.first + static_cast<unsigned>(random.below(in.count));
}

constexpr std::uint32_t opener_sequence = 1000, answerer_sequence = 5000; // of the SYNs

} // namespace

Ip host_ip(unsigned zone, unsigned host) {
  return Ip::from_v4(host_address(zone, host));
}

Ip host_ip6(unsigned zone, unsigned host) {
  Ip ip;
  ip.octets = {0xfd, 0, 0, static_cast<std::uint8_t>(zone + 1)};
  ip.octets[14] = 1;
  ip.octets[15] = static_cast<std::uint8_t>(host);
  return ip;
}

Mac host_mac(unsigned zone, unsigned host) {
  return {{0x02, 0, 0x5e, static_cast<std::uint8_t>(zone), 4, static_cast<std::uint8_t>(host)}};
}
Mac host_mac6(unsigned zone, unsigned host) {
  return {{0x02, 0, 0x5e, static_cast<std::uint8_t>(zone), 6, static_cast<std::uint8_t>(host)}};
}

Town::Town(std::size_t rules) {
  Random random(0x5ec15405ec154051);
  std::set<Rule> seen;
  while (rules_.size() < rules) {
    Rule rule = pick_rule(random);
    if (seen.insert(rule).second) rules_.push_back(rule);
  }
}

std::vector<Flow> Town::flows(std::size_t count, std::uint64_t seed) const {
  Random random(seed * 0x9e3779b97f4a7c15);
  std::set<Flow> seen;
  std::vector<Flow> flows;
  while (flows.size() < count) {
    const Rule &rule = rules_[random.below(rules_.size())];
    Flow flow{.source = pick_host(random, rule.source, rule.source_bits),
              .destination = pick_host(random, rule.destination, rule.destination_bits),
              .source_port = static_cast<std::uint16_t>(1024 + random.below(64000)),
              .destination_port = static_cast<std::uint16_t>(
                  rule.first_port + random.below(1u + rule.last_port - rule.first_port)),
              .protocol = rule.protocol};
    if (seen.insert(flow).second) flows.push_back(flow);
  }
  return flows;
}

std::string Town::text(const std::string &port_a, const std::string &port_b) const {
  std::string sentences;
  for (const Rule &rule : rules_)
    sentences += sentence_of(rule);
  return town_text(sentences, port_a, port_b);
}

std::string town_text(const std::string &sentences, const std::string &port_a,
                      const std::string &port_b) {
  std::string text =
      fmt::format("zone a {{ port \"{}\" network 10.1.0.0/16, fd00:1::/64 address 10.1.0.1 }}\n"
                  "zone b {{ port \"{}\" network 10.2.0.0/16, fd00:2::/64 address 10.2.0.1 }}\n",
                  port_a, port_b);
  for (unsigned zone : {0u, 1u}) {
    char name = zone == 0 ? 'a' : 'b';
    for (unsigned host = 0; host < hosts; ++host)
      text +=
          fmt::format("host {0}{1} {{ zone {0} address {2} mac {3} }}\n"
                      "host {0}{1}-6 {{ zone {0} address {4} mac {5} }}\n",
                      name, host, to_string(host_ip(zone, host)), to_string(host_mac(zone, host)),
                      to_string(host_ip6(zone, host)), to_string(host_mac6(zone, host)));
  }
  return text + sentences;
}

std::shared_ptr<const path::Policy> policy_of(const std::string &text) {
  rules::SourceFile source{"bench", text};
  rules::Compiled compiled = rules::compile({&source, 1}, unix_now());
  if (!compiled.rules) {
    fmt::print(stderr, "{}", rules::render(compiled.diagnostics, {&source, 1}, false));
    std::exit(1);
  }
  return std::make_shared<const path::Policy>(compiled.rules);
}

FrameSpec spec_of(const Flow &flow, unsigned from, const Mac &gateway, std::uint8_t tcp_flags) {
  bool is_opener = from == 0;
  unsigned sender = is_opener ? flow.source : flow.destination;
  unsigned receiver = is_opener ? flow.destination : flow.source;
  auto ip = flow.is_ipv6 ? host_ip6 : host_ip;
  bool is_syn = tcp_flags & flag::syn;
  std::uint32_t sent = (is_opener ? opener_sequence : answerer_sequence) + !is_syn;
  return {.source_mac = flow.is_ipv6 ? host_mac6(from, sender) : host_mac(from, sender),
          .destination_mac = gateway,
          .source = ip(from, sender),
          .destination = ip(1 - from, receiver),
          .source_port = is_opener ? flow.source_port : flow.destination_port,
          .destination_port = is_opener ? flow.destination_port : flow.source_port,
          .protocol = flow.protocol,
          .tcp_flags = tcp_flags,
          .sequence = sent,
          .acknowledgement = (is_opener ? answerer_sequence : opener_sequence) + 1,
          .size = flow.is_ipv6 ? 80u : 64u,
          .is_padded = flow.protocol == protocol::tcp && is_syn};
}

std::vector<Opening> opening_of(const Flow &flow, const std::array<Mac, 2> &gateways) {
  if (flow.protocol != protocol::tcp)
    return {{0, spec_of(flow, 0, gateways[0])}, {1, spec_of(flow, 1, gateways[1])}};
  std::vector<Opening> opening = {{0, spec_of(flow, 0, gateways[0], flag::syn)},
                                  {1, spec_of(flow, 1, gateways[1], flag::syn | flag::ack)},
                                  {0, spec_of(flow, 0, gateways[0], flag::ack)}};
  opening[2].spec.is_padded = true;
  return opening;
}

} // namespace sekisho::bench
