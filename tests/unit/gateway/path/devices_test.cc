#include "gateway/path/devices.hh"
#include "tests/support/gateway.hh"

#include <thread>

namespace sekisho::path {
namespace {

using test::internet, test::ip, test::lgwan, test::mac, test::mynumber, test::noon;
using Kind = DeviceEvent::Kind;

const Mac tax = mac("02:00:5e:10:00:01"); // listed in mynumber
const Mac guest = mac("02:00:5e:77:00:01");

struct Table {
  explicit Table(const DeviceOptions &options = {}) : devices(options) { devices.adopt(*rules); }
  /// The words of what follows.
  std::vector<std::string> see(const Mac &mac, rules::ZoneId zone, Standing standing,
                               std::string_view address = "", Reason reason = Reason::none) {
    std::vector<DeviceEvent> events;
    devices.take({.mac = mac, .zone = zone, .standing = standing, .reason = reason,
                  .ip = address.empty() ? Ip{} : ip(address), .time = now},
                 events);
    std::vector<std::string> words;
    for (const DeviceEvent &event : events) words.emplace_back(word_of(event.kind));
    return words;
  }
  const DeviceRow *row(const Mac &mac) {
    rows = devices.snapshot();
    auto found = std::ranges::find(rows, mac, &DeviceRow::mac);
    return found == rows.end() ? nullptr : &*found;
  }

  std::shared_ptr<const rules::RuleSet> rules =
      test::compile_text(std::string(test::zones_text) + std::string(test::permit_text));
  Devices devices;
  std::vector<DeviceRow> rows;
  UnixSeconds now = noon;
};

Mac invented(std::uint32_t number) {
  Mac mac{{0x06, 0, static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
           static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)}};
  return mac;
}

using Words = std::vector<std::string>;

TEST(Devices, FirstAndLastSeen) { // Z5
  Table table;
  EXPECT_EQ(table.see(guest, lgwan, Standing::heard, "10.2.0.50"), Words{"device-new"});
  table.now += 100;
  EXPECT_EQ(table.see(guest, lgwan, Standing::permitted, "10.2.0.50"), Words{});
  const DeviceRow *row = table.row(guest);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->first_seen, noon);
  EXPECT_EQ(row->last_seen, noon + 100);
  EXPECT_EQ(row->zone, lgwan);
  EXPECT_EQ(row->standing, Standing::permitted);
  EXPECT_EQ(row->addresses.size(), 1u);
}

TEST(Devices, ListedOnesHaveTheirRowBeforeTheyAreSeen) {
  Table table;
  const DeviceRow *row = table.row(tax);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->host, "tax-01");
  EXPECT_EQ(row->first_seen, 0);
  EXPECT_EQ(table.see(tax, mynumber, Standing::heard, "10.1.0.11"), Words{"device-new"});
}

TEST(Devices, AnUnknownOneIsToldOnceInAWhile) { // Z5
  Table table;
  EXPECT_EQ(table.see(guest, mynumber, Standing::refused, "10.1.0.9", Reason::host_unknown),
            Words{"device-unknown"});
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(table.see(guest, mynumber, Standing::refused, "10.1.0.9", Reason::host_unknown), Words{});
  EXPECT_EQ(table.row(guest)->refused, 101u);
  EXPECT_EQ(table.row(guest)->changes.size(), 1u);
  EXPECT_EQ(table.row(guest)->changes[0].count, 101u);
  table.now += Devices::repeat_after;
  EXPECT_EQ(table.see(guest, mynumber, Standing::refused, "10.1.0.9", Reason::host_unknown),
            Words{"device-unknown"});
  EXPECT_EQ(table.row(guest)->addresses.size(), 0u); // what it claims is not its own
}

TEST(Devices, AMovedOneIsTold) { // Z5
  Table table;
  table.see(guest, lgwan, Standing::heard, "10.2.0.50");
  EXPECT_EQ(table.devices.homes().of(guest), lgwan);
  EXPECT_EQ(table.see(guest, internet, Standing::refused, "10.3.0.50", Reason::device_moved),
            Words{"device-moved"});
  EXPECT_EQ(table.row(guest)->zone, lgwan); // refused there: it has not moved here yet
  EXPECT_EQ(table.row(guest)->changes.back().from, lgwan);
  EXPECT_EQ(table.row(guest)->changes.back().zone, internet);
  table.now += Devices::home_for;
  std::vector<DeviceEvent> events;
  table.devices.tidy(table.now, events);
  EXPECT_EQ(table.devices.homes().of(guest), rules::no_zone); // unheard for a day: it may be elsewhere
  EXPECT_EQ(table.see(guest, internet, Standing::heard, "10.3.0.50"), (Words{"device-moved", "device-changed"}));
  EXPECT_EQ(table.devices.homes().of(guest), internet);
}

TEST(Devices, AListedMacElsewhereMovesNothing) { // Z5
  Table table;
  table.see(tax, mynumber, Standing::heard, "10.1.0.11");
  EXPECT_EQ(table.see(tax, internet, Standing::refused, "10.3.0.50", Reason::mac_mismatch),
            Words{"device-moved"});
  EXPECT_EQ(table.row(tax)->zone, mynumber);
  EXPECT_EQ(table.devices.homes().of(tax), rules::no_zone); // the rules say where it belongs
}

TEST(Devices, AContradictionIsTold) { // Z5
  Table table;
  table.see(guest, mynumber, Standing::refused, "10.1.0.11", Reason::arp_spoofed);
  EXPECT_EQ(table.row(guest)->changes.back().kind, Kind::contradicts);
  EXPECT_EQ(table.see(tax, mynumber, Standing::refused, "10.1.0.77", Reason::arp_spoofed),
            Words{"device-contradicts"});
}

TEST(Devices, AnotherAddressIsToldAndTheListIsBounded) {
  Table table;
  table.see(guest, lgwan, Standing::heard, "10.2.0.50");
  EXPECT_EQ(table.see(guest, lgwan, Standing::heard, "10.2.0.51"), Words{"device-changed"});
  for (std::uint32_t i = 0; i < 100; ++i) {
    std::vector<DeviceEvent> events;
    table.devices.take({.mac = guest, .zone = lgwan, .standing = Standing::heard,
                        .ip = Ip::from_v4(0x0a020000 + i), .time = table.now}, events);
    EXPECT_TRUE(events.empty());
  }
  EXPECT_EQ(table.row(guest)->addresses.size(), Devices::max_addresses);
}

TEST(Devices, AVirtualRouterIsInEveryZone) { // RFC 5798 §7.3
  Table table;
  Mac virtual_router = mac("00:00:5e:00:01:33");
  table.see(virtual_router, lgwan, Standing::heard, "10.2.0.2");
  EXPECT_EQ(table.see(virtual_router, internet, Standing::heard, "10.3.0.2"), Words{"device-changed"});
  EXPECT_EQ(table.devices.homes().of(virtual_router), rules::no_zone);
}

TEST(Devices, AFloodPushesOutNobodyKnown) { // Z5, Z8
  Table table({.unlisted = 100, .events_an_interval = 8});
  table.see(guest, lgwan, Standing::permitted, "10.2.0.50");
  Mac persistent = mac("02:00:5e:77:00:02");
  for (int i = 0; i < 5; ++i)
    table.see(persistent, mynumber, Standing::refused, "10.1.0.9", Reason::host_unknown);
  std::size_t told = 0;
  for (std::uint32_t i = 0; i < 1000; ++i)
    told += table.see(invented(i), mynumber, Standing::refused, "", Reason::host_unknown).size();
  EXPECT_LE(told, 8u);
  EXPECT_TRUE(table.row(guest));
  EXPECT_TRUE(table.row(tax));
  EXPECT_TRUE(table.row(persistent)); // seen more than once
  EXPECT_LE(table.devices.snapshot().size(), 102u);
  // Those who announce themselves properly in an open zone push out no permitted one either.
  for (std::uint32_t i = 0; i < 1000; ++i) table.see(invented(i), lgwan, Standing::heard, "10.2.0.60");
  EXPECT_TRUE(table.row(guest));
  EXPECT_TRUE(table.row(tax));
  // A number in the record, and room for listed ones all the while.
  EXPECT_EQ(table.see(tax, mynumber, Standing::refused, "10.1.0.77", Reason::arp_spoofed).size(), 1u);
  table.now += Devices::interval;
  std::vector<DeviceEvent> events;
  table.devices.tidy(table.now, events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, Kind::flood);
  EXPECT_GT(events[0].count, 1500u);
}

TEST(Devices, OnlyPermittedOnesAndNoRoom) {
  Table table({.unlisted = 10});
  for (std::uint32_t i = 0; i < 10; ++i) table.see(invented(i), lgwan, Standing::permitted, "10.2.0.60");
  EXPECT_EQ(table.see(guest, lgwan, Standing::heard, "10.2.0.50"), Words{});
  EXPECT_FALSE(table.row(guest));
  EXPECT_EQ(table.devices.beyond(), 1u);
}

TEST(Devices, ReloadListsAndUnlists) {
  Table table;
  table.see(guest, lgwan, Standing::heard, "10.2.0.50");
  table.see(tax, mynumber, Standing::heard, "10.1.0.11");
  auto other = test::compile_text(R"(
zone mynumber { port "m"  network 10.1.0.0/24  address 10.1.0.1 }
zone lgwan { port "l"  network 10.2.0.0/24  address 10.2.0.1 }
zone internet { port "i"  network 10.3.0.0/24  address 10.3.0.1  outside }
host visitor { zone lgwan  address 10.2.0.50  mac 02:00:5e:77:00:01 }
)");
  table.devices.adopt(*other);
  EXPECT_EQ(table.row(guest)->host, "visitor");
  EXPECT_EQ(table.devices.homes().of(guest), rules::no_zone);
  EXPECT_EQ(table.row(tax)->host, ""); // known still, listed no more
  EXPECT_EQ(table.row(tax)->first_seen, noon);
  EXPECT_FALSE(table.row(mac("02:00:5e:10:00:02"))); // never seen, listed no more
}

TEST(Devices, IsKeptOverARestart) {
  Table before;
  before.see(guest, lgwan, Standing::heard, "10.2.0.50");
  before.see(guest, internet, Standing::refused, "10.3.0.50", Reason::device_moved);
  before.see(tax, mynumber, Standing::permitted, "10.1.0.11");
  auto kept = before.devices.to_json(*before.rules);
  Table after;
  after.now += 3600;
  ASSERT_TRUE(after.devices.from_json(nlohmann::ordered_json::parse(kept.dump()), *after.rules));
  EXPECT_EQ(after.devices.to_json(*after.rules), kept);
  EXPECT_EQ(after.devices.homes().of(guest), lgwan);
  EXPECT_EQ(after.see(tax, mynumber, Standing::permitted, "10.1.0.11"), Words{}); // not new
  EXPECT_EQ(after.row(tax)->first_seen, noon);
}

TEST(Devices, ADamagedTableIsRefusedOrLeftOut) {
  Table table;
  for (const char *text : {"null", "[]", "{}", R"({"devices":7})"})
    EXPECT_FALSE(table.devices.from_json(nlohmann::ordered_json::parse(text), *table.rules)) << text;
  auto odd = nlohmann::ordered_json::parse(R"({"devices":[1, null, {}, {"mac":"x"},
    {"mac":"02:00:5e:77:00:01","zone":"nowhere","standing":"heard","first_seen":5},
    {"mac":"ff:00:5e:77:00:01","zone":"lgwan","standing":"heard","first_seen":5},
    {"mac":"02:00:5e:77:00:03","zone":"lgwan","standing":"heard","first_seen":-5},
    {"mac":"02:00:5e:77:00:04","zone":"lgwan","standing":"heard","first_seen":5,
     "addresses":[1,{"address":"no"}],"changes":[{"event":"what"}],"seen":"many"}]})");
  EXPECT_TRUE(table.devices.from_json(odd, *table.rules));
  EXPECT_EQ(table.devices.snapshot().size(), 3u); // the two listed, and the last one
}

TEST(Devices, EventsAsJson) {
  Table table;
  std::vector<DeviceEvent> events;
  table.devices.take({.mac = guest, .zone = mynumber, .standing = Standing::refused,
                      .reason = Reason::host_unknown, .ip = ip("10.1.0.9"), .time = noon}, events);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(to_json(events[0], *table.rules).dump(),
            R"({"event":"device-unknown","zone":"mynumber","address":"10.1.0.9","reason":"host-unknown",)"
            R"("count":1,"at":"2026-11-20T03:00:00Z","mac":"02:00:5e:77:00:01"})");
}

TEST(Homes, FullSetsTakeNoMore) {
  Homes homes;
  std::size_t kept = 0;
  for (std::uint32_t i = 0; i < 40'000; ++i) kept += homes.put(invented(i), lgwan);
  EXPECT_GT(kept, 10'000u);
  EXPECT_LE(kept, 2048u * 8);
  homes.put(invented(0), internet);
  EXPECT_EQ(homes.of(invented(0)), internet);
  homes.forget(invented(0));
  EXPECT_EQ(homes.of(invented(0)), rules::no_zone);
}

TEST(Sightings, TheSameOnceASecond) {
  SightingRing ring(1024);
  Sightings sightings(ring);
  Sighting sighting{.mac = guest, .zone = lgwan, .standing = Standing::refused,
                    .reason = Reason::host_unknown, .ip = ip("10.2.0.50")};
  for (std::uint32_t second : {1u, 2u, 3u})
    for (int i = 0; i < 1000; ++i) sightings.note(sighting, second);
  std::vector<std::uint32_t> counts;
  for (Sighting out; ring.pop(out);) counts.push_back(out.count);
  EXPECT_EQ(counts, (std::vector<std::uint32_t>{1, 1000, 1000})); // 999 of the last are to come
}

TEST(Sightings, AFloodHasABudgetOfItsOwn) { // Z8
  SightingRing ring(1024);
  Sightings sightings(ring);
  for (std::uint32_t i = 0; i < 100'000; ++i)
    sightings.note({.mac = invented(i), .zone = lgwan, .standing = Standing::refused,
                    .reason = Reason::host_unknown, .ip = {}}, 7);
  sightings.note({.mac = guest, .zone = lgwan, .standing = Standing::heard, .ip = ip("10.2.0.50")}, 7);
  std::size_t others = 0, trusted = 0;
  for (Sighting out; ring.pop(out);) ++(is_trusted(out.standing) ? trusted : others);
  EXPECT_EQ(others, Sightings::others_a_second);
  EXPECT_EQ(trusted, 1u);
  EXPECT_EQ(sightings.beyond(), 100'000u - Sightings::others_a_second);
}

TEST(Sightings, CoreAndAttendant) { // under TSan too
  SightingRing ring(64);
  Devices devices;
  auto rules = test::compile_text(test::zones_text);
  devices.adopt(*rules);
  std::atomic<bool> done{false};
  std::thread core([&] {
    Sightings sightings(ring);
    std::uint32_t unhomed = 0;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
      unhomed += devices.homes().of(invented(i % 50)) == rules::no_zone;
      sightings.note({.mac = invented(i % 50), .zone = lgwan, .standing = Standing::heard, .ip = {},
                      .time = noon}, i / 100);
    }
    done = true;
    EXPECT_GT(unhomed, 0u);
  });
  std::vector<DeviceEvent> events;
  for (Sighting sighting; !done;)
    while (ring.pop(sighting)) devices.take(sighting, events);
  core.join();
  for (Sighting sighting; ring.pop(sighting);) devices.take(sighting, events);
  EXPECT_EQ(devices.snapshot().size(), 52u);
}

} // namespace
} // namespace sekisho::path
