/* Target function: path::Path::run, over time: flows that open, talk, end and are forgotten, rules
 * that change, zones that are cut off.
 */
// The input is a script of packets and events.  Two gateways run it: one in bursts and by the quick
// way, one packet by packet and looking closely at each.  Whatever they do must be the same; and
// what passes must be right by a book of flows kept here in the plainest way: a listed opening, or
// a packet of a flow that began with one, still listed and not long silent.
#include "base/check.hh"
#include "gateway/path/path.hh"
#include "gateway/port/memory.hh"
#include "gateway/wire/quoted.hh"
#include "gateway/wire/transport.hh"
#include "rules/compile.hh"
#include "tests/support/packets.hh"

#include <map>
#include <tuple>

namespace {

using namespace sekisho;
using rules::Verdict;
namespace protocol = rules::protocol;
namespace flag = wire::tcp_flag;

constexpr std::string_view zones_text = R"(
zone a { port "a"  network 10.1.0.0/24  address 10.1.0.1  closed }
zone b { port "b"  network 10.2.0.0/24, 2001:db8:2::/64  address 10.2.0.1 }
zone c { port "c"  network 10.3.0.0/24, 2001:db8:3::/64  address 10.3.0.1 }
host one { zone a  address 10.1.0.11  mac 02:00:5e:10:00:01 }
host two { zone b  address 10.2.0.40  mac 02:00:5e:10:00:02 }
)";
constexpr std::string_view lane_text = "permit tcp port 443, 80 from one to two for \"x\" owner "
                                       "\"y\" approved \"z\" until 2027-03-31\n";
constexpr std::string_view more_text = R"(
permit tcp from b to c for "x" owner "y" approved "z"
permit udp from c to b for "x" owner "y" approved "z"
permit icmp echo from c to b for "x" owner "y" approved "z"
)";

std::shared_ptr<const rules::RuleSet> compiled(std::string text) {
  rules::SourceFile source{"fuzz", std::move(text)};
  rules::Compiled compiled = rules::compile({&source, 1}, 0);
  CHECK(compiled.rules);
  return compiled.rules;
}

/// Everything, only the lane, everything but the lane, and nothing at all.
const std::array<std::shared_ptr<const rules::RuleSet>, 4> &rule_sets() {
  static const std::array sets = {
      compiled(std::string(zones_text) + std::string(lane_text) + std::string(more_text)),
      compiled(std::string(zones_text) + std::string(lane_text)),
      compiled(std::string(zones_text) + std::string(more_text)),
      std::shared_ptr<const rules::RuleSet>()};
  return sets;
}

struct Gateway {
  Gateway(bool quick, std::size_t flows, bool portable = false)
      : path({.flows = flows, .replay = true, .quick = quick, .portable = portable, .checksums = true}, pool,
             nullptr) {
    for (rules::ZoneId zone = 0; zone < ports.size(); ++zone)
      path.attach(zone, ports[zone], &ports[zone]);
  }
  void adopt(const std::shared_ptr<const rules::RuleSet> &rules) {
    path.adopt(rules ? std::make_shared<const path::Policy>(rules) : nullptr);
  }
  path::Fate run(rules::ZoneId zone, Bytes frame, const path::Now &now) {
    port::Frame buffer;
    CHECK(pool.allocate(buffer));
    std::ranges::copy(frame, buffer.data);
    pool.set_length(buffer, static_cast<std::uint32_t>(frame.size()));
    return path.run(zone, path::Side::port, {&buffer, 1}, now)[0];
  }
  port::HeapPool pool{70, 4096};
  std::array<port::MemoryPort, 3> ports = {port::MemoryPort{"a", {}, pool},
                                           port::MemoryPort{"b", {}, pool},
                                           port::MemoryPort{"c", {}, pool}};
  path::Path path;
};

/// Who talks to whom.  The first is the one the rules let open.
struct Pair {
  std::string_view one, other;
  rules::ZoneId zone_one, zone_other;
  std::string_view mac_one, mac_other;
  std::uint8_t protocol;
  std::uint16_t port;
};
constexpr std::array<Pair, 8> pairs = {{
    {"10.1.0.11", "10.2.0.40", 0, 1, "02:00:5e:10:00:01", "02:00:5e:10:00:02", protocol::tcp, 443},
    {"10.2.0.7", "10.3.0.9", 1, 2, "02:00:5e:20:00:07", "02:00:5e:30:00:09", protocol::tcp, 443},
    {"10.3.0.9", "10.2.0.7", 2, 1, "02:00:5e:30:00:09", "02:00:5e:20:00:07", protocol::udp, 53},
    {"10.3.0.9", "10.2.0.7", 2, 1, "02:00:5e:30:00:09", "02:00:5e:20:00:07", protocol::icmp, 7},
    {"10.1.0.12", "10.2.0.40", 0, 1, "02:00:5e:10:00:12", "02:00:5e:10:00:02", protocol::tcp, 443},
    {"10.1.0.11", "10.3.0.9", 0, 2, "02:00:5e:10:00:01", "02:00:5e:30:00:09", protocol::tcp, 443},
    {"2001:db8:2::7", "2001:db8:3::9", 1, 2, "02:00:5e:20:00:07", "02:00:5e:30:00:09",
     protocol::tcp, 443},
    {"2001:db8:3::9", "2001:db8:2::7", 2, 1, "02:00:5e:30:00:09", "02:00:5e:20:00:07",
     protocol::icmp6, 7},
}};

using Name = std::tuple<Ip, std::uint16_t, Ip, std::uint16_t, std::uint8_t>; // as opened

struct Known {
  rules::PacketSubject opener; // as it was judged
  std::uint64_t last = 0;      // seconds
};

/// One packet on its way in.
struct Packet {
  rules::ZoneId zone = 0;
  Buffer frame;
};

class Script {
public:
  explicit Script(Bytes input)
      : reader_(input), is_small_(reader_.read_u8() & 1), quick_(true, is_small_ ? 4 : 512),
        portable_(true, is_small_ ? 4 : 512, true), close_(false, 512) {
    adopt(0);
    while (!reader_.at_end())
      step();
    flush();
    quick_.path.end_flows();
    CHECK(quick_.path.flow_count() == 0);
    CHECK(quick_.pool.outstanding() == 0 && close_.pool.outstanding() == 0);
  }

private:
  void step() {
    unsigned what = reader_.read_u8();
    if (what < 0xe0) return add(what);
    flush();
    switch (what & 7) {
    case 0: clock_ += reader_.read_u8() * 1'000'000'000ull; break;
    case 1: clock_ += reader_.read_u8() * 60'000'000'000ull; break;
    case 2: clock_ += reader_.read_u8() * 1'000'000ull; break;
    case 3: adopt(reader_.read_u8() % rule_sets().size()); break;
    case 4: sever(reader_.read_u8() & 7); break;
    default: break; // only ends the burst
    }
  }

  void adopt(std::size_t which) {
    rules_ = rule_sets()[which];
    quick_.adopt(rules_);
    portable_.adopt(rules_);
    close_.adopt(rules_);
  }
  void sever(unsigned zones) {
    severed_ = zones;
    quick_.path.sever(zones);
    portable_.path.sever(zones);
    close_.path.sever(zones);
    std::erase_if(book_, [&](const auto &entry) { // forgotten, for good
      const Known &known = entry.second;
      return zones >> known.opener.from & 1 || zones >> zone_of(known.opener.destination) & 1;
    });
  }
  static rules::ZoneId zone_of(const Ip &ip) {
    return rule_sets()[0]->zone_of(ip).value_or(rules::no_zone);
  }

  /// A packet as `what` and the next octets say.
  void add(unsigned what) {
    const Pair &pair = pairs[what % pairs.size()];
    bool is_back = what & 8, is_wrong_zone = (what & 0x70) == 0x10,
         is_wrong_mac = (what & 0x70) == 0x20;
    unsigned ports = reader_.read_u8(), flags = reader_.read_u8();
    test::PacketBuilder packet;
    packet.from = test::ip(is_back ? pair.other : pair.one);
    packet.to = test::ip(is_back ? pair.one : pair.other);
    packet.from_mac = test::mac(is_back ? pair.mac_other : pair.mac_one);
    if (is_wrong_mac) packet.from_mac = test::mac("02:00:5e:10:00:66");
    packet.protocol = pair.protocol;
    auto mine = static_cast<std::uint16_t>(40000 + (ports & 7));
    std::uint16_t theirs = ports & 0x80 ? 80 : pair.port;
    packet.from_port = is_back ? theirs : mine;
    packet.to_port = is_back ? mine : theirs;
    packet.ttl = (what & 0x70) == 0x30 ? 1 : 64;
    if (pair.protocol == protocol::tcp) {
      fill_tcp(packet, flags, is_back);
    } else if (pair.protocol == protocol::udp) {
      packet.data = std::string_view(filling).substr(0, flags);
    } else {
      packet.icmp_id = mine;
      bool is_v6 = pair.protocol == protocol::icmp6;
      std::uint8_t request = is_v6 ? 128 : 8, reply = is_v6 ? 129 : 0;
      packet.icmp_type = flags < 0x40   ? request
                         : flags < 0x80 ? reply
                                        : static_cast<std::uint8_t>(flags);
    }
    rules::ZoneId zone = is_back ? pair.zone_other : pair.zone_one;
    if (is_wrong_zone) zone = static_cast<rules::ZoneId>((zone + 1) % 3);
    Buffer frame = packet.from.is_v4() ? packet.ipv4() : packet.ipv6();
    if ((what & 0x70) == 0x50 && packet.from.is_v4()) frame = error_about(frame, packet);
    if ((what & 0x70) != 0x60) sum_up(frame);                  // else the checksum is wrong
    if ((what & 0x70) == 0x40) frame.resize(frame.size() + 6); // padding
    put(zone, std::move(frame));
  }

  /// Sequence numbers near those of the connection, as the flags' upper bits and one octet say.
  void fill_tcp(test::PacketBuilder &packet, unsigned flags, bool is_back) {
    static constexpr std::array<std::uint8_t, 8> kinds = {flag::ack,
                                                          flag::ack,
                                                          flag::syn,
                                                          flag::syn | flag::ack,
                                                          flag::fin | flag::ack,
                                                          flag::rst,
                                                          flag::rst | flag::ack,
                                                          0};
    unsigned how = reader_.read_u8();
    packet.flags = (flags & 7) == 7 ? static_cast<std::uint8_t>(flags >> 3) : kinds[flags & 7];
    packet.data = std::string_view(filling).substr(0, (flags & 7) < 2 ? (flags >> 3) * 40 : 0);
    auto &next = numbers_[{packet.from < packet.to ? packet.from : packet.to,
                           static_cast<std::uint16_t>(packet.from_port + packet.to_port)}];
    std::uint32_t &own = next[is_back], peer = next[!is_back];
    static constexpr std::array<std::int32_t, 8> off = {0, 0, 0, -1, 1, -1400, 66'000, -70'000};
    packet.sequence = own + static_cast<std::uint32_t>(off[how & 7]);
    packet.acknowledgement =
        packet.flags & flag::ack ? peer + static_cast<std::uint32_t>(off[how >> 3 & 7]) : 0;
    if (how & 0x40) packet.sequence = how * 0x01234567u;
    bool counts = (how & 7) < 3 && !(how & 0x40);
    if (counts)
      own += static_cast<std::uint32_t>(packet.data.size()) + !!(packet.flags & flag::syn) +
             !!(packet.flags & flag::fin);
    if (packet.flags == flag::syn && how & 0x40) own = packet.sequence + 1;
  }

  /// Writes the right checksum of the transport.
  static void sum_up(Buffer &frame) {
    wire::Headers headers;
    if (wire::parse(frame, headers) != Reason::none) return;
    std::size_t at = headers.transport_offset;
    switch (headers.protocol) {
    case protocol::tcp: at += 16; break;
    case protocol::udp: at += 6; break;
    default: at += 2;
    }
    test::set_u16(frame, at, 0);
    Bytes transport = Bytes(frame).subspan(headers.transport_offset);
    std::uint64_t sum = wire::partial_sum(transport);
    if (headers.protocol != protocol::icmp)
      sum += wire::pseudo_sum(headers, headers.protocol, transport.size());
    test::set_u16(frame, at, static_cast<std::uint16_t>(~wire::folded(sum)));
  }

  /// An ICMP error of the receiver about this packet, come the other way.
  static Buffer error_about(const Buffer &frame, const test::PacketBuilder &about) {
    test::PacketBuilder error;
    error.from =
        about.from; // the zone and the card stay: it is the sender that complains about an answer
    error.to = about.to;
    error.from_mac = about.from_mac;
    error.protocol = protocol::icmp;
    error.icmp_type = 3;
    Buffer quoted = frame;
    for (std::size_t i = 0; i < 4; ++i)
      std::swap(quoted[26 + i], quoted[30 + i]);
    if (quoted.size() >= 38)
      for (std::size_t i = 0; i < 2; ++i)
        std::swap(quoted[34 + i], quoted[36 + i]);
    std::string text(reinterpret_cast<const char *>(quoted.data()) + 14,
                     std::min<std::size_t>(quoted.size() - 14, 28));
    error.data = text;
    return error.ipv4();
  }

  void put(rules::ZoneId zone, Buffer frame) {
    if (!burst_.empty() && burst_.front().zone != zone) flush();
    burst_.push_back({zone, std::move(frame)});
    if (burst_.size() == path::burst_size) flush();
  }

  path::Now now() const {
    return {.nanoseconds = clock_,
            .unix = static_cast<UnixSeconds>(1'780'000'000 + clock_ / 1'000'000'000)};
  }

  std::span<const path::Fate> run_burst(Gateway &gateway) {
    std::array<port::Frame, path::burst_size> frames;
    for (std::size_t i = 0; i < burst_.size(); ++i) {
      CHECK(gateway.pool.allocate(frames[i]));
      std::ranges::copy(burst_[i].frame, frames[i].data);
      gateway.pool.set_length(frames[i], static_cast<std::uint32_t>(burst_[i].frame.size()));
    }
    return gateway.path.run(burst_.front().zone, path::Side::port, std::span(frames).first(burst_.size()), now());
  }

  void flush() {
    if (burst_.empty()) return;
    std::span<const path::Fate> fates = run_burst(quick_), others = run_burst(portable_);
    CHECK(fates.size() == burst_.size() && others.size() == burst_.size());
    for (std::size_t i = 0; i < burst_.size(); ++i)
      CHECK(fates[i].verdict == others[i].verdict && fates[i].reason == others[i].reason &&
            fates[i].rule == others[i].rule && fates[i].out == others[i].out);
    CHECK(quick_.path.flow_count() <= (is_small_ ? 4u : 512u));
    for (std::size_t i = 0; i < burst_.size(); ++i)
      check(burst_[i], fates[i]);
    compare_sent();
    CHECK(quick_.pool.outstanding() == 0 && close_.pool.outstanding() == 0);
    burst_.clear();
  }

  void check(const Packet &packet, const path::Fate &fate) {
    CHECK((fate.verdict == Verdict::drop) == (fate.reason != Reason::none));
    if (!is_small_) { // a full table differs: a burst's removed flows make room at its end
      path::Fate other = close_.run(packet.zone, packet.frame, now());
      CHECK(fate.verdict == other.verdict && fate.reason == other.reason &&
            fate.rule == other.rule);
      CHECK(fate.verdict == Verdict::drop || fate.out == other.out);
    }
    wire::Headers headers;
    if (wire::parse(packet.frame, headers) != Reason::none) {
      CHECK(fate.verdict == Verdict::drop);
      return;
    }
    if (fate.verdict == Verdict::pass) check_passed(packet, headers, fate);
  }

  static bool is_opening(std::uint8_t flags) {
    return (flags & (flag::syn | flag::ack | flag::rst | flag::fin)) == flag::syn;
  }
  static bool is_echo_reply(const wire::Headers &headers) {
    return (headers.protocol == protocol::icmp && headers.icmp_type == 0) ||
           (headers.protocol == protocol::icmp6 && headers.icmp_type == 129);
  }

  rules::PacketSubject subject(const Packet &packet, const wire::Headers &headers) const {
    return {.from = packet.zone,
            .source_mac = headers.source_mac,
            .source = headers.source,
            .destination = headers.destination,
            .protocol = headers.protocol,
            .source_port = headers.source_port,
            .destination_port = headers.destination_port,
            .icmp_type = headers.icmp_type,
            .icmp_code = headers.icmp_code};
  }
  bool is_listed(const rules::PacketSubject &subject) const {
    return rules_ && rules_->decide(subject, now().unix).verdict == Verdict::pass;
  }

  /// By the book: is there any right by which this packet may pass?
  void check_passed(const Packet &packet, const wire::Headers &headers, const path::Fate &fate) {
    CHECK(rules_);
    CHECK(!(severed_ >> packet.zone & 1) && !(severed_ >> fate.out & 1));
    CHECK(zone_of(headers.source) == packet.zone && zone_of(headers.destination) == fate.out);
    CHECK(packet.zone != fate.out && headers.hop_limit > 1);
    path::Now time = now();
    std::uint64_t seconds = time.nanoseconds / 1'000'000'000;
    if (wire::is_icmp_error(headers)) return check_error(packet, headers, seconds);

    flow::Ends ends = path::ends_of(headers);
    Name there{ends.source, ends.source_port, ends.destination, ends.destination_port,
               ends.protocol};
    Name back{ends.destination, ends.destination_port, ends.source, ends.source_port,
              ends.protocol};
    bool opens =
        headers.protocol == protocol::tcp ? is_opening(headers.tcp_flags) : !is_echo_reply(headers);
    auto known = book_.find(there);
    if (known == book_.end()) known = book_.find(back);
    if (known != book_.end() && is_alive(known->second, seconds)) {
      known->second.last = seconds;
      return;
    }
    rules::PacketSubject self = subject(packet, headers);
    CHECK(opens && is_listed(self));
    if (known != book_.end()) book_.erase(known);
    book_[there] = {self, seconds};
  }
  /// Silent for no longer than the longest time of its protocol, and still listed as it was opened.
  bool is_alive(const Known &known, std::uint64_t seconds) const {
    std::uint64_t longest = known.opener.protocol == protocol::tcp ? 7500 : 150;
    return seconds - known.last <= longest && is_listed(known.opener);
  }

  void check_error(const Packet &packet, const wire::Headers &headers, std::uint64_t seconds) {
    wire::Headers quoted;
    Bytes message = Bytes(packet.frame).first(headers.length).subspan(headers.transport_offset);
    CHECK(wire::parse_quoted(headers, message, quoted));
    flow::Ends ends = path::ends_of(quoted);
    auto known = book_.find(
        {ends.source, ends.source_port, ends.destination, ends.destination_port, ends.protocol});
    if (known == book_.end())
      known = book_.find(
          {ends.destination, ends.destination_port, ends.source, ends.source_port, ends.protocol});
    CHECK(known != book_.end() && is_alive(known->second, seconds));
  }

  /// What left is the same from both, octet by octet, and is what came in with one hop less.
  void compare_sent() {
    for (std::size_t zone = 0; zone < quick_.ports.size(); ++zone) {
      std::vector<Buffer> &quick = quick_.ports[zone].sent(), &close = close_.ports[zone].sent();
      CHECK(quick == portable_.ports[zone].sent());
      if (!is_small_) CHECK(quick == close);
      for (const Buffer &frame : quick) {
        wire::Headers headers;
        if (wire::u16_at(frame.data(), 12) == 0x0806) continue; // the gateway's own question
        CHECK(wire::parse(frame, headers) == Reason::none && headers.length == frame.size());
        CHECK(headers.hop_limit == 63);
      }
      quick.clear();
      portable_.ports[zone].sent().clear();
      close.clear();
    }
  }

  static inline const std::string filling = std::string(1400, 'x');
  ByteReader reader_;
  bool is_small_;
  Gateway quick_, portable_, close_; // the second with what every processor can do
  std::shared_ptr<const rules::RuleSet> rules_;
  std::uint64_t clock_ = 1'000'000'000;
  unsigned severed_ = 0;
  std::vector<Packet> burst_;
  std::map<Name, Known> book_;
  std::map<std::pair<Ip, std::uint16_t>, std::array<std::uint32_t, 2>> numbers_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  Script script(std::as_bytes(std::span(data, size)));
  return 0;
}
