#include "gateway/path/replay.hh"

#include "gateway/port/memory.hh"

#include <algorithm>
#include <deque>
#include <queue>

namespace sekisho::path {
namespace {

constexpr std::size_t replay_flows = 1u << 16;

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

} // namespace

struct Replay::Parts {
  Parts(std::shared_ptr<const rules::RuleSet> rules, const ReplayOptions &options)
      : path({.flows = replay_flows,
              .hash_key = flow::random_hash_key(),
              .replay = true,
              .strict_mac = options.strict_mac},
             pool, nullptr) {
    std::size_t zones = rules->zones().size();
    for (std::size_t zone = 0; zone < zones; ++zone)
      ports.emplace_back(rules->zones()[zone].name, gateway_mac(zone), pool);
    for (std::size_t zone = 0; zone < zones; ++zone)
      path.attach(static_cast<rules::ZoneId>(zone), ports[zone], &ports[zone]);
    path.adopt(std::make_shared<const Policy>(std::move(rules)));
  }

  std::vector<Source> sources;
  port::HeapPool pool{4, port::max_capture_length};
  std::deque<port::NullPort> ports;
  Path path;
  Now now;
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

Fate run_one(Path &path, port::FramePool &pool, const Source &source, const Now &now) {
  if (!source.file.is_ethernet()) return dropped(Reason::link_type_unlisted);
  port::Frame frame;
  if (!pool.allocate(frame)) return dropped(Reason::transmit_failed);
  std::ranges::copy(source.packet.bytes, frame.data);
  pool.set_length(frame, static_cast<std::uint32_t>(source.packet.bytes.size()));
  return path.run(source.input.zone, Side::port, {&frame, 1}, now)[0];
}

} // namespace

std::vector<std::string>
Replay::run(const std::function<void(const ReplayedPacket &)> &report) {
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
  for (std::uint64_t number = 1; !waiting.empty(); ++number) {
    std::size_t i = waiting.top();
    waiting.pop();
    parts_->now = at(sources[i].packet.nanoseconds, parts_->now);
    Fate fate = run_one(parts_->path, parts_->pool, sources[i], parts_->now);
    report({.number = number, .zone = sources[i].input.zone, .fate = fate});
    advance(i);
  }
  return errors;
}

} // namespace sekisho::path
