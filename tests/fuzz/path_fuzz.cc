/* Target function: path::Path::run.
 */
// Any frame has one fate with a name; whatever is forwarded is a packet that parses again.
#include "base/check.hh"
#include "gateway/path/path.hh"
#include "gateway/port/memory.hh"
#include "rules/compile.hh"

namespace {

using namespace sekisho;

constexpr std::string_view policy = R"(
zone a { port "a"  network 10.1.0.0/24  address 10.1.0.1  closed }
zone b { port "b"  network 10.2.0.0/24, 2001:db8::/64  address 10.2.0.1 }
zone c { port "c"  network 10.3.0.0/24  address 10.3.0.1 }
host one { zone a  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host two { zone b  address 10.2.0.40  mac 02:00:5e:10:00:02 }
permit tcp port 443 from one to two for "x" owner "y" approved "z" until 2027-03-31
permit tcp from b to c for "x" owner "y" approved "z"
permit udp from c to b for "x" owner "y" approved "z"
permit icmp echo from c to b for "x" owner "y" approved "z"
)";

struct Gateway {
  Gateway() : path({.flows = 64, .replay = true}, pool, &events) {
    rules::SourceFile source{"fuzz", std::string(policy)};
    rules::Compiled compiled = rules::compile({&source, 1}, 0);
    CHECK(compiled.rules);
    for (rules::ZoneId zone = 0; zone < ports.size(); ++zone) path.attach(zone, ports[zone], &ports[zone]);
    path.adopt(std::make_shared<const path::Policy>(compiled.rules));
  }
  port::HeapPool pool{70, 4096};
  path::EventRing events;
  std::array<port::MemoryPort, 3> ports = {port::MemoryPort{"a", {}, pool}, port::MemoryPort{"b", {}, pool},
                                           port::MemoryPort{"c", {}, pool}};
  path::Path path;
};

void check_fates(Gateway &gateway, std::span<const path::Fate> fates, std::size_t count) {
  CHECK(fates.size() == count);
  for (const path::Fate &fate : fates)
    CHECK((fate.verdict == rules::Verdict::drop && !path::is_held(fate)) == (fate.reason != Reason::none));
  for (port::MemoryPort &port : gateway.ports) {
    for (const Buffer &sent : port.sent()) {
      wire::Headers headers;
      Reason reason = wire::parse(sent, headers);
      CHECK(reason == Reason::none || reason == Reason::ip_fragment);
    }
    port.sent().clear();
  }
}

} // namespace

/// The input: frames, each behind a zone and side (one octet) and its length (two).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  static Gateway gateway;
  ByteReader reader(std::as_bytes(std::span(data, size)));
  std::array<port::Frame, 64> burst;
  std::size_t count = 0;
  unsigned door = 0;
  path::Now now{.nanoseconds = 1'000'000'000, .unix = 0};
  while (!reader.at_end() && count < burst.size()) {
    door = reader.read_u8();
    Bytes frame = reader.take(std::min<std::size_t>(reader.read_u16(), reader.remaining()));
    if (frame.size() > gateway.pool.capacity() || !gateway.pool.allocate(burst[count])) break;
    std::copy(frame.begin(), frame.end(), burst[count].data);
    gateway.pool.set_length(burst[count++], static_cast<std::uint32_t>(frame.size()));
  }
  path::Side side = door & 4 ? path::Side::kernel : path::Side::port;
  auto zone = static_cast<rules::ZoneId>(door % 3);
  check_fates(gateway, gateway.path.run(zone, side, std::span(burst).first(count), now), count);
  gateway.path.sever(7); // the next input finds no flow of this one
  gateway.path.sever(0);
  CHECK(gateway.pool.outstanding() == 0);
  return 0;
}
