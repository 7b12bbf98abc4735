/* Target function: path::Path::run, for ARP and neighbour discovery: who is believed to have which address.
 */
// The input is a script of what stations of three links say, of packets, and of time.  Whatever they say, a listed
// host's packets leave for its listed MAC only, the gateway speaks for itself only, and its kernel hears of nobody who
// contradicts the rules (Z5).
#include "base/check.hh"
#include "gateway/path/path.hh"
#include "gateway/port/memory.hh"
#include "gateway/wire/arp.hh"
#include "gateway/wire/nd.hh"
#include "gateway/wire/octets.hh"
#include "rules/compile.hh"
#include "tests/support/packets.hh"

namespace {

using namespace sekisho;
using path::Side;
using rules::ZoneId;

constexpr std::string_view policy = R"(
zone a { port "a"  network 10.1.0.0/24, 2001:db8:1::/64  address 10.1.0.1  closed }
zone b { port "b"  network 10.2.0.0/24, 2001:db8:2::/64  address 10.2.0.1 }
zone c { port "c"  network 2001:db8:3::/64  address 2001:db8:3::1 }
host one { zone a  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host two { zone b  address 10.2.0.40  mac 02:00:5e:10:00:02 }
host three { zone c  address 2001:db8:3::40  mac 02:00:5e:10:00:03 }
permit tcp port 443 from one to two for "x" owner "y" approved "z" until 2027-03-31
permit tcp port 443 from two to one for "x" owner "y" approved "z" until 2027-03-31
permit tcp from b to c for "x" owner "y" approved "z"
permit udp from c to b for "x" owner "y" approved "z"
)";

struct Listed {
  ZoneId zone;
  Ip ip;
  Mac mac;
};
const std::array<Listed, 3> hosts = {{{0, test::ip("10.1.0.11"), test::mac("02:00:5e:10:00:01")},
                                      {1, test::ip("10.2.0.40"), test::mac("02:00:5e:10:00:02")},
                                      {2, test::ip("2001:db8:3::40"), test::mac("02:00:5e:10:00:03")}}};
const std::array<Mac, 3> doors = {test::mac("02:00:5e:00:00:01"), test::mac("02:00:5e:00:00:02"),
                                  test::mac("02:00:5e:00:00:03")};
const std::array<Ip, 3> own = {test::ip("10.1.0.1"), test::ip("10.2.0.1"), test::ip("2001:db8:3::1")};
const std::array<Mac, 12> macs = {hosts[0].mac, hosts[1].mac, hosts[2].mac, doors[0], doors[1], doors[2],
                                  test::mac("02:77:00:00:00:01"), test::mac("02:77:00:00:00:02"), test::mac("ff:ff:ff:ff:ff:ff"),
                                  test::mac("01:00:5e:00:00:01"), test::mac("33:33:ff:00:00:01"), Mac{}};
const std::array<Ip, 17> ips = {hosts[0].ip, hosts[1].ip, hosts[2].ip, own[0], own[1], own[2],
                                test::ip("10.1.0.12"), test::ip("10.2.0.50"), test::ip("2001:db8:2::50"), test::ip("2001:db8:3::50"), test::ip("0.0.0.0"), Ip{},
                                test::ip("fe80::77"), test::ip("fe80::5eff:fe00:3"), test::ip("255.255.255.255"),
                                test::ip("ff02::1"), test::ip("192.0.2.1")};

struct Gateway {
  Gateway() : path({.flows = 64}, pool, &events) {
    for (ZoneId zone = 0; zone < ports.size(); ++zone) path.attach(zone, ports[zone], &taps[zone]);
    static const std::shared_ptr<const rules::RuleSet> rules = compiled();
    path.adopt(std::make_shared<const path::Policy>(rules));
  }
  static std::shared_ptr<const rules::RuleSet> compiled() {
    rules::SourceFile source{"fuzz", std::string(policy)};
    rules::Compiled compiled = rules::compile({&source, 1}, 0);
    CHECK(compiled.rules);
    return compiled.rules;
  }
  port::HeapPool pool{70, 4096};
  path::EventRing events;
  std::array<port::MemoryPort, 3> ports = {port::MemoryPort{"a", doors[0], pool}, port::MemoryPort{"b", doors[1], pool},
                                           port::MemoryPort{"c", doors[2], pool}};
  std::array<port::MemoryPort, 3> taps = ports;
  path::Path path;
};

/// Who a message says has which address; nothing for a frame that says so of nobody.
struct Word {
  Mac mac, frame_mac;
  Ip ip;
};
std::optional<Word> word_of(Bytes frame) {
  wire::Headers headers;
  const Reason reason = wire::parse(frame, headers);
  if (headers.network == wire::Network::arp) {
    wire::Arp arp;
    CHECK(wire::parse_arp(frame.subspan(wire::ethernet_size), arp) == Reason::none);
    return Word{arp.sender_mac, headers.source_mac, arp.sender};
  }
  if ((reason != Reason::none && reason != Reason::ip_multicast) || !wire::is_neighbour_message(headers)) return std::nullopt;
  wire::Neighbour neighbour;
  CHECK(wire::parse_neighbour(frame, headers, neighbour) == Reason::none);
  return Word{neighbour.link_address.value_or(headers.source_mac), headers.source_mac,
              neighbour.is_solicitation ? headers.source : neighbour.target};
}

bool is_of_nobody(const Ip &ip) { return ip == Ip{} || ip == Ip::from_v4(0); }

/// What left for the wire.
void check_sent(ZoneId zone, Bytes frame) {
  const Mac to = wire::mac_at(frame.data(), 0);
  CHECK(wire::mac_at(frame.data(), 6) == doors[zone]);
  if (const std::optional<Word> word = word_of(frame)) { // the gateway's own
    CHECK(word->mac == doors[zone] && word->frame_mac == doors[zone]);
    CHECK(is_of_nobody(word->ip) || word->ip == own[zone] || path::is_link_local(word->ip));
    return;
  }
  wire::Headers headers;
  CHECK(wire::parse(frame, headers) == Reason::none);
  for (const Listed &host : hosts)
    if (headers.destination == host.ip) CHECK(zone == host.zone && to == host.mac);
  CHECK(!to.is_group() && std::ranges::find(doors, to) == doors.end());
}

/// What the kernel hears from the wire.
void check_heard(ZoneId zone, Bytes frame) {
  const std::optional<Word> word = word_of(frame);
  CHECK(word); // nothing else is listed
  CHECK(word->mac == word->frame_mac && !word->mac.is_group() && word->mac != doors[zone]);
  CHECK(std::ranges::find(own, word->ip) == own.end());
  for (const Listed &host : hosts) {
    if (word->ip == host.ip) CHECK(zone == host.zone && word->mac == host.mac);
    if (word->mac != host.mac) continue;
    CHECK(zone == host.zone); // it has not moved to another zone, …
    CHECK(word->ip == host.ip || is_of_nobody(word->ip) || path::is_link_local(word->ip)); // … nor taken another address
  }
  if (zone == 0) CHECK(word->mac == hosts[0].mac); // closed: only whom the rules name
}

class Script {
public:
  explicit Script(Bytes input) : reader_(input) {
    for (unsigned steps = 0; steps < 400 && !reader_.at_end(); ++steps) step();
    gateway_.path.end_flows();
    CHECK(gateway_.pool.outstanding() == 0);
  }

private:
  template <class Value, std::size_t size> const Value &one_of(const std::array<Value, size> &values) {
    return values[reader_.read_u8() % size];
  }

  void step() {
    const unsigned what = reader_.read_u8();
    const auto zone = static_cast<ZoneId>(what % 3);
    const Side side = what & 0x80 ? Side::kernel : Side::port;
    switch (what >> 4 & 7) {
    case 0:
    case 1: return run(zone, side, changed(arp()));
    case 2:
    case 3: return run(zone, side, changed(neighbour_message(zone)));
    case 4:
    case 5: return run(zone, side, packet(zone));
    case 6: return run(zone, side, to_buffer(reader_.take(std::min<std::size_t>(reader_.read_u8(), reader_.remaining()))));
    default: now_.nanoseconds += reader_.read_u8() * 250'000'000ull, now_.unix = static_cast<UnixSeconds>(now_.seconds());
    }
  }

  Buffer arp() {
    test::PacketBuilder packet{.to_mac = one_of(macs), .from_mac = one_of(macs), .from = one_of(ips), .to = one_of(ips)};
    return packet.arp(1 + reader_.read_u8() % 2);
  }

  Buffer neighbour_message(ZoneId zone) {
    const Mac mac = one_of(macs);
    const Ip from = one_of(ips), about = one_of(ips);
    const auto frame = reader_.read_u8() % 2 ? wire::neighbour_solicitation(mac, from, about)
                                             : wire::neighbour_advertisement(mac, about, doors[zone], from);
    return Buffer(frame.begin(), frame.end());
  }

  Buffer packet(ZoneId zone) {
    test::PacketBuilder packet{.to_mac = doors[zone], .from_mac = one_of(macs), .from = one_of(ips), .to = one_of(ips)};
    if (reader_.read_u8() % 2) packet.protocol = rules::protocol::udp;
    return packet.from.is_v4() && packet.to.is_v4() ? packet.ipv4() : packet.ipv6();
  }

  /// An octet now and then.
  Buffer changed(Buffer frame) {
    const unsigned at = reader_.read_u8();
    if (at < frame.size()) frame[at] = static_cast<std::byte>(reader_.read_u8());
    return frame;
  }

  void run(ZoneId zone, Side side, const Buffer &octets) {
    port::Frame frame;
    CHECK(gateway_.pool.allocate(frame));
    std::ranges::copy(octets, frame.data);
    gateway_.pool.set_length(frame, static_cast<std::uint32_t>(octets.size()));
    (void)gateway_.path.run(zone, side, {&frame, 1}, now_);
    for (ZoneId at = 0; at < 3; ++at) {
      for (const Buffer &sent : gateway_.ports[at].sent()) check_sent(at, sent);
      for (const Buffer &sent : gateway_.taps[at].sent()) check_heard(at, sent);
      gateway_.ports[at].sent().clear();
      gateway_.taps[at].sent().clear();
    }
  }

  ByteReader reader_;
  Gateway gateway_;
  path::Now now_{.nanoseconds = 5'000'000'000, .unix = 5};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const Script script(std::as_bytes(std::span(data, size)));
  return 0;
}
