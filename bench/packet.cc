// bench-packet: nanoseconds a packet, one core, 64-byte frames, the whole path against a bare loop.
//
// Two zones on net_null ports.  Their frames are made on the spot: half TCP, half UDP, of flows
// drawn at random, both directions.  The reference receives, makes the same frames and transmits
// them, and does nothing else; it runs alternately with the path, so that both see the same minute
// of the machine.  Time is the thread's processor time: another program on the core costs caches,
// but is not counted.
#include "gateway/path/path.hh"
#include "gateway/port/dpdk.hh"
#include "gateway/wire/checksum.hh"
#include "rules/compile.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>

namespace sekisho::bench {
namespace {

using path::burst_size;

constexpr std::size_t hosts = 16; // of each zone; a flow is (host, host, port)
constexpr std::uint8_t tcp = 6, udp = 17;

/// xorshift64*: a few instructions a packet, the same sequence every run.
class Random {
public:
  std::uint64_t next() {
    state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1d;
  }

private:
  std::uint64_t state_ = 0x9e3779b97f4a7c15;
};

struct Flow {
  unsigned source, destination;
  std::uint16_t port;
  std::uint8_t protocol;
  explicit Flow(std::uint64_t number)
      : source(number % hosts), destination(number / hosts % hosts),
        port(static_cast<std::uint16_t>(1024 + number / (hosts * hosts))),
        protocol((source ^ destination) & 1 ? tcp : udp) {}
};

Ip address(unsigned zone, unsigned host) {
  return Ip::from_v4(0x0a000000 | (zone + 1) << 16 | (host + 10));
}
Mac host_mac(unsigned zone, unsigned host) {
  return {{0x02, 0, 0x5e, 0x10, static_cast<std::uint8_t>(zone), static_cast<std::uint8_t>(host)}};
}

using Octets = std::array<std::byte, 64>;

/// A whole frame but for the opener's port.  `from`: the zone it comes from; 1 is the answerer's.
Octets make_frame(const Flow &flow, unsigned from, const Mac &gateway, std::uint8_t tcp_flags,
                  std::uint16_t service) {
  Octets frame{};
  std::byte *at = frame.data();
  unsigned sender = from == 0 ? flow.source : flow.destination;
  unsigned receiver = from == 0 ? flow.destination : flow.source;
  wire::put_mac(at, 0, gateway);
  wire::put_mac(at, 6, host_mac(from, sender));
  wire::put_u16(at, 12, 0x0800);
  std::byte *ip = at + 14;
  wire::put_u8(ip, 0, 0x45);
  wire::put_u16(ip, 2, 50);
  wire::put_u8(ip, 8, 64);
  wire::put_u8(ip, 9, flow.protocol);
  std::memcpy(ip + 12, &address(from, sender).octets[12], 4);
  std::memcpy(ip + 16, &address(1 - from, receiver).octets[12], 4);
  wire::put_u16(ip, 10, static_cast<std::uint16_t>(~wire::internet_sum({ip, 20})));
  std::byte *transport = ip + 20;
  wire::put_u16(transport, from == 0 ? 0 : 2, flow.port);
  wire::put_u16(transport, from == 0 ? 2 : 0, service);
  if (flow.protocol == tcp) {
    wire::put_u8(transport, 12, 5 << 4);
    wire::put_u8(transport, 13, tcp_flags);
  } else {
    wire::put_u16(transport, 4, 30);
  }
  return frame;
}

/// A net_null port that hands out frames of random flows.
class Generator : public port::Port {
public:
  Generator(port::Port &port, port::FramePool &pool, unsigned zone)
      : port_(port), pool_(pool), zone_(zone) {}

  /// `service`: the port of the answerer; 443 is permitted.
  void prepare(std::uint64_t flows, std::uint16_t service) {
    flows_ = flows;
    constexpr std::uint8_t ack = 16;
    for (unsigned number = 0; number < hosts * hosts; ++number)
      frames_[number] = make_frame(Flow(number), zone_, mac(), ack, service);
  }

  std::size_t receive(std::span<port::Frame> burst) override {
    std::size_t count = port_.receive(burst);
    for (port::Frame &frame : burst.first(count)) {
      // Multiply and shift: a random number below flows_ without a division.
      std::uint64_t number = (random_.next() >> 32) * flows_ >> 32;
      std::memcpy(frame.data, frames_[number % (hosts * hosts)].data(), sizeof(Octets));
      wire::put_u16(frame.data, zone_ == 0 ? 34 : 36,
                    static_cast<std::uint16_t>(1024 + number / (hosts * hosts)));
      frame.length = sizeof(Octets);
    }
    return count;
  }
  std::size_t transmit(std::span<const port::Frame> frames) override {
    return port_.transmit(frames);
  }
  const Mac &mac() const override { return port_.mac(); }
  std::string_view name() const override { return port_.name(); }

private:
  port::Port &port_;
  port::FramePool &pool_;
  unsigned zone_;
  std::uint64_t flows_ = 1;
  Random random_;
  std::array<Octets, hosts * hosts> frames_;
};

std::shared_ptr<const path::Policy> make_policy() {
  std::string text = R"(zone a { port "null-a" network 10.1.0.0/16 address 10.1.0.1 }
zone b { port "null-b" network 10.2.0.0/16 address 10.2.0.1 }
)";
  for (unsigned zone : {0u, 1u})
    for (unsigned host = 0; host < hosts; ++host)
      text += fmt::format("host h{}-{} {{ zone {} address {} mac {} }}\n", zone, host,
                          zone == 0 ? "a" : "b", to_string(address(zone, host)),
                          to_string(host_mac(zone, host)));
  for (const char *protocol : {"tcp", "udp"})
    text += fmt::format(
        "permit {} port 443 from a to b for \"bench\" owner \"bench\" approved \"1\"\n", protocol);
  rules::SourceFile source{"bench", text};
  rules::Compiled compiled = rules::compile({&source, 1}, unix_now());
  if (!compiled.rules) {
    fmt::print(stderr, "{}", rules::render(compiled.diagnostics, {&source, 1}, false));
    std::exit(1);
  }
  return std::make_shared<const path::Policy>(compiled.rules);
}

double thread_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

path::Now now() {
  return {.nanoseconds = monotonic_ns(), .unix = unix_now()};
}

class Bench {
public:
  explicit Bench(port::Dpdk &dpdk)
      : dpdk_(dpdk), generators_{Generator(dpdk.port(0), dpdk.pool(), 0),
                                 Generator(dpdk.port(1), dpdk.pool(), 1)} {}

  /// A fresh path that knows `flows` flows, the TCP ones established.
  void prepare(std::uint64_t flows, std::uint16_t service) {
    path_ = std::make_unique<path::Path>(
        path::PathOptions{.flows = flows + flows / 4 + 1024, .hash_key = flow::random_hash_key()},
        dpdk_.pool(), &events_);
    for (rules::ZoneId zone : {0, 1}) {
      generators_[zone].prepare(flows, service);
      path_->attach(zone, generators_[zone], nullptr);
    }
    path_->adopt(make_policy());
    if (service != 443) return;
    for (std::uint64_t number = 0; number < flows; ++number)
      open(Flow(number));
    if (path_->flow_count() != flows) {
      fmt::print(stderr, "only {} of {} flows could be opened\n", path_->flow_count(), flows);
      std::exit(1);
    }
  }

  /// Nanoseconds a packet over `seconds`.
  double measure_path(double seconds) {
    std::uint64_t dropped = drops();
    double result = measure(seconds, [&] { return path_->turn(now()); });
    for (path::Event event; events_.pop(event);) {
    }
    dropped_ = drops() - dropped;
    return result;
  }
  double measure_reference(double seconds) {
    return measure(seconds, [&] {
      std::size_t total = 0;
      for (unsigned zone : {0u, 1u}) {
        std::array<port::Frame, burst_size> burst;
        std::size_t count = generators_[zone].receive(burst);
        generators_[1 - zone].transmit(std::span(burst).first(count));
        total += count;
      }
      return total;
    });
  }
  std::uint64_t dropped() const { return dropped_; }

private:
  template <class Turn> double measure(double seconds, Turn turn) {
    std::uint64_t packets = 0;
    double begin = thread_seconds(), end;
    do {
      for (int i = 0; i < 1000; ++i)
        packets += turn();
      end = thread_seconds();
    } while (end - begin < seconds);
    return (end - begin) * 1e9 / static_cast<double>(packets);
  }

  void open(const Flow &flow) {
    constexpr std::uint8_t syn = 2, ack = 16;
    send(flow, 0, syn);
    if (flow.protocol != tcp) return;
    send(flow, 1, syn | ack);
    send(flow, 0, ack);
  }
  void send(const Flow &flow, rules::ZoneId from, std::uint8_t flags) {
    port::Frame frame;
    if (!dpdk_.pool().allocate(frame)) std::exit(1);
    Octets octets = make_frame(flow, from, generators_[from].mac(), flags, 443);
    std::memcpy(frame.data, octets.data(), sizeof octets);
    dpdk_.pool().set_length(frame, sizeof octets);
    path_->run(from, path::Side::port, {&frame, 1}, now());
    for (path::Event event; events_.pop(event);) {
    }
  }
  std::uint64_t drops() const {
    const path::Counters &counters = path_->counters();
    return counters.zones[0].verdicts[0].value() + counters.zones[1].verdicts[0].value();
  }

  port::Dpdk &dpdk_;
  std::array<Generator, 2> generators_;
  path::EventRing events_;
  std::unique_ptr<path::Path> path_;
  std::uint64_t dropped_ = 0;
};

struct Case {
  const char *name;
  std::uint64_t flows;
  std::uint16_t service;
};
constexpr Case cases[] = {{"packet/flows-768", 768, 443},
                          {"packet/flows-10k", 10'000, 443},
                          {"packet/flows-1M", 1'000'000, 443},
                          {"packet/refused", 10'000, 80}};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

nlohmann::ordered_json figure(Bench &bench, const Case &one, int runs, double seconds) {
  bench.prepare(one.flows, one.service);
  bench.measure_path(seconds / 2); // warms caches, table and clock rate
  std::vector<double> values, references;
  for (int run = 0; run < runs; ++run) {
    references.push_back(bench.measure_reference(seconds / 2));
    values.push_back(bench.measure_path(seconds));
    bool is_odd = (bench.dropped() > 0) != (one.service != 443);
    if (is_odd) fmt::print(stderr, "{}: {} packets were dropped\n", one.name, bench.dropped());
    if (is_odd) std::exit(1); // then it is not what the name says
  }
  double value = median(values), reference = median(references);
  return {{"name", one.name},
          {"value", value},
          {"unit", "ns/packet"},
          {"min", std::ranges::min(values)},
          {"max", std::ranges::max(values)},
          {"runs", runs},
          {"reference", "rx + tx of the same frames"},
          {"reference_value", reference},
          {"ratio", value / reference}};
}

/// `only`: the one figure wanted; empty for all.
int run(bool quick, bool json, std::string_view only) {
  auto dpdk = port::Dpdk::start({"null:", "null:"}, {"-m", "128", "--in-memory"});
  if (!dpdk) {
    fmt::print(stderr, "bench-packet: {}\n", dpdk.error().what);
    return 1;
  }
  Bench bench(**dpdk);
  nlohmann::ordered_json figures = nlohmann::ordered_json::array();
  for (const Case &one : cases) {
    if (!only.empty() && only != one.name) continue;
    figures.push_back(figure(bench, one, quick ? 3 : 7, quick ? 0.2 : 1.0));
    const auto &last = figures.back();
    if (!json)
      fmt::print("{:<20} {:6.1f} ns/packet ({:.1f} to {:.1f}), rx + tx {:.1f}, ratio {:.2f}\n",
                 last["name"].get<std::string>(), last["value"].get<double>(),
                 last["min"].get<double>(), last["max"].get<double>(),
                 last["reference_value"].get<double>(), last["ratio"].get<double>());
  }
  if (json) fmt::print("{}\n", nlohmann::ordered_json{{"figures", figures}}.dump());
  return 0;
}

} // namespace
} // namespace sekisho::bench

int main(int argc, char **argv) {
  bool quick = false, json = false;
  std::string_view only;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "--quick")
      quick = true;
    else if (word == "--json")
      json = true;
    else if (word.starts_with("packet/"))
      only = word;
    else {
      fmt::print(stderr, "usage: bench-packet [--quick] [--json] [packet/NAME]\n");
      return 2;
    }
  }
  return sekisho::bench::run(quick, json, only);
}
