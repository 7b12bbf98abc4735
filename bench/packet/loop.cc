#include "bench/packet/loop.hh"

#include "bench/packet/rig.hh"
#include "gateway/port/memory.hh"
#include "gateway/port/pcap_file.hh"

#include <fmt/format.h>

#include <deque>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace sekisho::bench {
namespace {

constexpr std::size_t most_octets = std::size_t{1} << 30; // of the capture in memory
constexpr std::size_t flows = 1u << 20;
constexpr std::size_t frames_held = 2048; // beside a burst

/// What is in `all` and in none of `parts`, as networks.
void add_rest(const Network &all, const std::vector<Network> &parts, std::string &text) {
  bool is_part = false, has_part = false;
  for (const Network &part : parts) {
    is_part |= part.prefix <= all.prefix && part.contains(all.address);
    has_part |= part.prefix > all.prefix && all.contains(part.address);
  }
  if (is_part) return;
  if (!has_part) {
    text += (text.empty() ? "" : ", ") + to_string(all);
    return;
  }
  Network half = all;
  ++half.prefix;
  add_rest(half, parts, text);
  half.address.octets[all.prefix / 8] |= static_cast<std::uint8_t>(0x80 >> all.prefix % 8);
  add_rest(half, parts, text);
}

/// Private addresses (RFC 1918, RFC 4193, link-local) and all others.
std::string rules_for_any() {
  std::vector<Network> here;
  std::string inside, outside;
  for (const char *word :
       {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"}) {
    here.push_back(*parse_network(word));
    inside += (inside.empty() ? "" : ", ") + std::string(word);
  }
  add_rest(*parse_network("0.0.0.0/0"), here, outside);
  add_rest(*parse_network("2000::/3"), here, outside);
  std::string text = fmt::format("zone private {{ port \"null-a\" network {} }}\n"
                                 "zone elsewhere {{ port \"null-b\" network {} }}\n",
                                 inside, outside);
  for (const char *ends : {"from private to elsewhere", "from elsewhere to private"})
    for (const char *service : {"tcp", "udp", "icmp echo"})
      text +=
          fmt::format("permit {} {} for \"bench\" owner \"bench\" approved \"1\"\n", service, ends);
  return text;
}

std::string text_of(const std::string &file) {
  std::ifstream stream(file);
  if (!stream) throw std::runtime_error("cannot read " + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

class Capture {
public:
  struct Packet {
    std::size_t offset = 0;
    std::uint32_t length = 0;
    rules::ZoneId zone = 0; // it comes in by: that of its source, else the first
  };

  Capture(const std::string &name, const rules::RuleSet &rules) {
    Result<port::PcapFile> file = port::PcapFile::open(name);
    if (!file) throw std::runtime_error(file.error().what);
    if (!file->is_ethernet()) throw std::runtime_error(name + " holds no Ethernet frames");
    using Next = port::PcapFile::Next;
    for (port::PcapFile::Packet packet; file->next(packet) == Next::packet;) {
      if (octets_.size() + packet.bytes.size() > most_octets) {
        fmt::print(stderr, "packet/pcap: the first {} packets of {} only\n", packets_.size(), name);
        break;
      }
      wire::Headers headers;
      bool is_read = wire::parse(packet.bytes, headers) == Reason::none;
      std::optional<rules::ZoneId> zone;
      if (is_read) zone = rules.zone_of(headers.source);
      packets_.push_back(
          {octets_.size(), static_cast<std::uint32_t>(packet.bytes.size()), zone.value_or(0)});
      octets_.insert(octets_.end(), packet.bytes.begin(), packet.bytes.end());
    }
    if (packets_.empty()) throw std::runtime_error(name + " holds no packet");
  }
  const std::vector<Packet> &packets() const { return packets_; }
  std::size_t octets() const { return octets_.size(); }
  const std::byte *data(const Packet &packet) const { return octets_.data() + packet.offset; }

private:
  std::vector<Packet> packets_;
  std::vector<std::byte> octets_;
};

/// The capture round and round; bursts end where the zone changes.
class Loop {
public:
  explicit Loop(const LoopOptions &options)
      : policy_(policy_of(options.rules.empty() ? rules_for_any() : text_of(options.rules))),
        capture_(options.capture, policy_->rules()),
        path_({.flows = flows, .hash_key = flow::random_hash_key(), .replay = true}, pool_,
              nullptr) {
    for (std::size_t zone = 0; zone < policy_->rules().zones().size(); ++zone) {
      Mac mac{{0x02, 0, 0x5e, 0xff, 1, static_cast<std::uint8_t>(zone)}};
      ports_.emplace_back("null", mac, pool_);
      path_.attach(static_cast<rules::ZoneId>(zone), ports_[zone], nullptr);
    }
    path_.adopt(policy_);
  }
  const Capture &capture() const { return capture_; }
  path::Path &path() { return path_; }

  std::size_t turn_path() {
    std::size_t count = gather();
    path_.run(zone_, path::Side::port, std::span(frames_).first(count), now());
    return count;
  }
  std::size_t turn_bare() {
    std::size_t count = gather();
    pool_.release(std::span(frames_).first(count));
    return count;
  }
  void rewind() { next_ = 0; }
  bool is_at_begin() const { return next_ == 0; }

private:
  std::size_t gather() {
    const auto &packets = capture_.packets();
    zone_ = packets[next_].zone;
    std::size_t count = 0;
    while (count < path::burst_size && packets[next_].zone == zone_) {
      const Capture::Packet &packet = packets[next_];
      port::Frame &frame = frames_[count];
      if (!pool_.allocate(frame)) throw std::runtime_error("the pool of frames is empty");
      std::memcpy(frame.data, capture_.data(packet), packet.length);
      pool_.set_length(frame, packet.length);
      ++count;
      if (++next_ < packets.size()) continue;
      next_ = 0;
      break;
    }
    return count;
  }

  std::shared_ptr<const path::Policy> policy_;
  Capture capture_;
  port::HeapPool pool_{path::burst_size + frames_held, port::max_capture_length + 5 * 64};
  std::deque<port::NullPort> ports_;
  path::Path path_;
  std::array<port::Frame, path::burst_size> frames_;
  rules::ZoneId zone_ = 0;
  std::size_t next_ = 0;
};

/// The counters of all zones together.
Json verdicts_of(const path::Counters &counters) {
  std::array<std::uint64_t, 3> verdicts{};
  std::map<std::string, std::uint64_t> reasons;
  for (const path::ZoneCounters &zone : counters.zones) {
    for (std::size_t i = 0; i < 3; ++i)
      verdicts[i] += zone.verdicts[i].value();
    for (std::size_t i = 0; i < reason_count; ++i)
      if (std::uint64_t count = zone.reasons[i].value(); count > 0)
        reasons[std::string(word_of(static_cast<Reason>(i)))] += count;
  }
  return {
      {"pass", verdicts[1]}, {"relay", verdicts[2]}, {"drop", verdicts[0]}, {"reasons", reasons}};
}

} // namespace

void measure_capture(Session &session, const LoopOptions &options) {
  Loop loop(options);
  do
    loop.turn_path();
  while (!loop.is_at_begin());
  Json verdicts = verdicts_of(loop.path().counters());
  double octets_a_packet = static_cast<double>(loop.capture().octets()) /
                           static_cast<double>(loop.capture().packets().size());
  session.run(
      {.name = "packet/pcap",
       .unit = "Mpps",
       .measure =
           [&] {
             return count_packets(session.seconds(), [&] { return loop.turn_path(); }).mpps();
           },
       .reference = "its frames copied, no path",
       .measure_reference =
           [&] {
             return count_packets(session.seconds() / 2, [&] { return loop.turn_bare(); }).mpps();
           },
       .more =
           [&](double mpps) {
             return Json{{"gbit_per_second", mpps * octets_a_packet * 8 / 1e3},
                         {"packets", loop.capture().packets().size()},
                         {"verdicts", verdicts}};
           }});
}

} // namespace sekisho::bench
