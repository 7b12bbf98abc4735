#include "gateway/path/replay.hh"

#include "gateway/port/memory.hh"

#include <algorithm>
#include <deque>
#include <queue>

namespace sekisho::path {
namespace {

constexpr std::size_t replay_flows = 1u << 16;
/// One burst has one time: packets that came later than this after its first begin another.
constexpr std::uint64_t burst_time = 1'000'000; // ns
/// Room of a frame: the largest packet, and a little, so that the frames of a burst do not share cache sets.
constexpr std::uint32_t frame_room = port::max_capture_length + 5 * 64;
constexpr std::size_t frames_held = 2048; // by a reassembly, at the most, beside a burst

struct Source {
  ReplayInput input;
  port::PcapFile file;
  port::PcapFile::Packet packet; // the next one
};

/// Earliest first; at the same time, the capture named first.
struct Later {
  const std::vector<Source> &sources;
  bool operator()(std::size_t a, std::size_t b) const {
    std::uint64_t time_a = sources[a].packet.nanoseconds, time_b = sources[b].packet.nanoseconds;
    return time_a != time_b ? time_a > time_b : a > b;
  }
};

/// A MAC of the documentation range (RFC 7042 §2.1.2) for each zone of the imagined gateway.
Mac gateway_mac(std::size_t zone) {
  return {{0x00, 0x00, 0x5e, 0x00, 0x53, static_cast<std::uint8_t>(zone)}};
}

/// In a replay the path's clock is the captures': seconds since 1970.
ReplayedFlow flow_of(const flow::Entry &entry, const flow::Aside &aside) {
  return {.ends = aside.ends,
          .from = entry.from,
          .to = entry.to,
          .rule = entry.rule_id(),
          .state = entry.state,
          .opened_at = aside.opened_at,
          .last_seen = entry.last_seen,
          .packets = aside.packets + entry.volume.waiting_packets(),
          .octets = entry.volume.octets()};
}

std::function<void(const flow::Entry &, const flow::Aside &)>
watcher(std::function<void(const ReplayedFlow &)> watch) {
  if (!watch) return {};
  return [watch = std::move(watch)](const flow::Entry &entry, const flow::Aside &aside) {
    watch(flow_of(entry, aside));
  };
}

} // namespace

struct Replay::Parts {
  Parts(std::shared_ptr<const rules::RuleSet> rules, const ReplayOptions &options)
      : path({.flows = replay_flows,
              .hash_key = flow::random_hash_key(),
              .replay = true,
              .strict_mac = options.strict_mac,
              .reassembly = {.frames = frames_held},
              .on_flow_end = watcher(options.on_flow_end)},
             pool, nullptr) {
    std::size_t zones = rules->zones().size();
    for (std::size_t zone = 0; zone < zones; ++zone)
      ports.emplace_back(rules->zones()[zone].name, gateway_mac(zone), pool);
    for (std::size_t zone = 0; zone < zones; ++zone)
      path.attach(static_cast<rules::ZoneId>(zone), ports[zone], &ports[zone]);
    path.adopt(std::make_shared<const Policy>(std::move(rules)));
  }

  std::vector<Source> sources;
  port::HeapPool pool{burst_size + frames_held, frame_room};
  std::deque<port::NullPort> ports;
  Path path;
};

Replay::Replay(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Replay::Replay(Replay &&) noexcept = default;
Replay::~Replay() = default;

Result<Replay> Replay::open(std::shared_ptr<const rules::RuleSet> rules,
                            const std::vector<ReplayInput> &inputs, const ReplayOptions &options) {
  auto parts = std::make_unique<Parts>(std::move(rules), options);
  for (const ReplayInput &input : inputs) {
    Result<port::PcapFile> file = port::PcapFile::open(input.file);
    if (!file) return fail(file.error());
    parts->sources.push_back({input, std::move(*file), {}});
  }
  return Replay(std::move(parts));
}

namespace {

/// Time goes on: a capture whose clock jumped back does not take the flows' time with it.
Now at(std::uint64_t nanoseconds, const Now &before) {
  Now now;
  now.nanoseconds = std::max(nanoseconds, before.nanoseconds);
  now.unix = static_cast<UnixSeconds>(now.nanoseconds / 1'000'000'000);
  return now;
}

} // namespace

/// Packets of one zone, taken in until they are run together.
class Replay::Gathering {
public:
  Gathering(Parts &parts, const Report &report) : parts_(parts), report_(report) {}

  void take(const Source &source) {
    std::uint64_t time = source.packet.nanoseconds;
    if (!belongs(source, time)) run();
    if (count_ == 0) now_ = at(time, now_);
    zone_ = source.input.zone;
    if (!source.file.is_ethernet()) return refuse(Reason::link_type_unlisted);
    port::Frame &frame = frames_[count_];
    if (!parts_.pool.allocate(frame)) return refuse(Reason::transmit_failed);
    std::ranges::copy(source.packet.bytes, frame.data);
    parts_.pool.set_length(frame, static_cast<std::uint32_t>(source.packet.bytes.size()));
    if (++count_ == burst_size) run();
  }

  void run() {
    if (count_ == 0) return;
    std::span<const port::Frame> burst(frames_.data(), count_);
    count_ = 0;
    for (const Fate &fate : parts_.path.run(zone_, Side::port, burst, now_))
      report_({.number = ++reported_, .zone = zone_, .fate = fate});
  }

private:
  /// Whether it can go with those that are here: the clock would not show another second, nor another ms.
  bool belongs(const Source &source, std::uint64_t time) const {
    if (count_ == 0 || !source.file.is_ethernet()) return count_ == 0;
    Now then = at(time, now_);
    return source.input.zone == zone_ && then.nanoseconds - now_.nanoseconds < burst_time &&
           then.unix == now_.unix;
  }
  /// A packet that never sees the path.
  void refuse(Reason reason) {
    run();
    report_({.number = ++reported_, .zone = zone_, .fate = dropped(reason)});
  }

  Parts &parts_;
  const Report &report_;
  rules::ZoneId zone_ = rules::no_zone;
  Now now_;
  std::uint64_t reported_ = 0; // packets
  std::array<port::Frame, burst_size> frames_;
  std::size_t count_ = 0;
};

std::vector<std::string> Replay::run(const Report &report) {
  using Next = port::PcapFile::Next;
  std::vector<std::string> errors;
  std::vector<Source> &sources = parts_->sources;
  std::priority_queue<std::size_t, std::vector<std::size_t>, Later> waiting(Later{sources});
  auto advance = [&](std::size_t i) {
    Next next = sources[i].file.next(sources[i].packet);
    if (next == Next::packet) waiting.push(i);
    if (next == Next::broken)
      errors.push_back(sources[i].input.file + ": " + sources[i].file.error());
  };
  for (std::size_t i = 0; i < sources.size(); ++i) advance(i);
  Gathering gathering(*parts_, report);
  while (!waiting.empty()) {
    std::size_t i = waiting.top();
    waiting.pop();
    gathering.take(sources[i]);
    advance(i);
  }
  gathering.run();
  parts_->path.end_flows();
  return errors;
}

} // namespace sekisho::path
