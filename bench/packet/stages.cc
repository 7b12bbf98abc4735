// Where each nanosecond goes: the stages of the quick way one on top of the other, on the same
// frames.  Each row holds the work of those before it; the whole path is packet/flows-*.
#include "bench/packet/figures.hh"
#include "gateway/path/screen.hh"

#include <fmt/format.h>

#include <bit>
#include <stdexcept>

namespace sekisho::bench {
namespace {

enum class Stage : std::uint8_t { read, hash, look_up };
constexpr std::array stages = {Stage::read, Stage::hash, Stage::look_up};
constexpr std::array<const char *, 3> stage_names = {"read", "hash", "lookup"};

class Staged {
public:
  Staged(port::Dpdk &dpdk, std::size_t flows)
      : ports_{&dpdk.port(0), &dpdk.port(1)}, sources_{Numbered(*ports_[0], 0),
                                                       Numbered(*ports_[1], 1)},
        table_(flows + flows / 4 + 1024, flow::random_hash_key()) {
    for (Numbered &source : sources_)
      source.prepare(flows);
    for (std::size_t number = 0; number < flows; ++number)
      insert(Numbered::flow(number));
  }

  Sample ns(Stage last, double seconds) {
    plain_ = found_ = 0;
    Count count = count_packets(seconds, [&] { return turn(0, last) + turn(1, last); });
    bool are_found = last != Stage::look_up || static_cast<double>(found_) == count.packets;
    if (static_cast<double>(plain_) != count.packets || !are_found)
      throw std::runtime_error("not all packets were plain ones of known flows");
    return count.ns_a_packet();
  }
  Sample bare_ns(double seconds) {
    auto turn_bare = [&](unsigned zone) {
      std::size_t count = sources_[zone].receive(frames_);
      ports_[1 - zone]->transmit(std::span(frames_).first(count));
      return count;
    };
    return count_packets(seconds, [&] { return turn_bare(0) + turn_bare(1); }).ns_a_packet();
  }

private:
  void insert(const Flow &flow) {
    Octets octets = make_frame(spec_of(flow, 0, ports_[0]->mac()));
    port::Frame frame{.data = octets.data(), .length = static_cast<std::uint32_t>(octets.size())};
    path::read_plain({&frame, 1}, 0, rows_);
    const flow::Key &key = rows_.keys[0];
    flow::Entry *entry = table_.insert(key, table_.hasher().hash(key));
    if (!entry) throw std::runtime_error("the table of flows is full");
    entry->state = flow::State::two_way;
  }

  std::size_t turn(unsigned zone, Stage last) {
    std::size_t count = sources_[zone].receive(frames_);
    read_(std::span(frames_).first(count), 0, rows_);
    plain_ += static_cast<unsigned>(std::popcount(rows_.plain));
    if (last >= Stage::hash) table_.hasher().hash(std::span(rows_.keys).first(count), hashes_.data());
    if (last >= Stage::look_up) look_up(count);
    ports_[1 - zone]->transmit(std::span(frames_).first(count));
    return count;
  }
  void look_up(std::size_t count) {
    std::array<flow::Table::Index, path::burst_size> candidates;
    table_.look_up(std::span(hashes_).first(count), candidates.data());
    for (std::size_t i = 0; i < count; ++i)
      found_ += table_.find(rows_.keys[i], hashes_[i], candidates[i]) != nullptr;
  }

  std::array<port::Port *, 2> ports_;
  std::array<Numbered, 2> sources_;
  flow::Table table_;
  std::array<port::Frame, path::burst_size> frames_;
  path::ReadPlain read_ = path::best_stages().read;
  path::PlainRows rows_;
  std::array<std::uint64_t, path::burst_size> hashes_;
  std::uint64_t plain_ = 0, found_ = 0;
};

} // namespace

void measure_stages(Session &session, port::Dpdk &dpdk) {
  for (std::size_t flows : {10'000u, 1'000'000u}) {
    auto name_of = [&](Stage stage) {
      return fmt::format("packet/stage-{}-{}", stage_names[static_cast<std::size_t>(stage)],
                         short_number(flows));
    };
    bool is_wanted = false;
    for (Stage stage : stages)
      is_wanted |= session.wants(name_of(stage));
    if (!is_wanted) continue;
    Staged staged(dpdk, flows);
    for (Stage stage : stages)
      if (session.wants(name_of(stage)))
        session.run({.name = name_of(stage),
                     .unit = "ns/packet",
                     .measure = [&] { return staged.ns(stage, session.seconds()); },
                     .reference = "rx, frame written, tx",
                     .measure_reference = [&] { return staged.bare_ns(session.seconds() / 2); }});
  }
}

} // namespace sekisho::bench
