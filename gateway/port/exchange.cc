#include "gateway/port/exchange.hh"

#include <algorithm>

namespace sekisho::port {
namespace {

constexpr std::size_t burst_limit = 64;

/// One writer.
void add(std::atomic<std::uint64_t> &count, std::uint64_t more) {
  count.store(count.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
}

} // namespace

std::size_t FrameRing::push(std::span<const Frame> frames) {
  std::size_t at = written_.load(std::memory_order_relaxed);
  std::size_t room = size - (at - read_.load(std::memory_order_acquire));
  std::size_t count = std::min(frames.size(), room);
  for (std::size_t i = 0; i < count; ++i) frames_[(at + i) % size] = frames[i];
  written_.store(at + count, std::memory_order_release);
  return count;
}

std::size_t FrameRing::pop(std::span<Frame> frames) {
  std::size_t at = read_.load(std::memory_order_relaxed);
  std::size_t count = std::min(frames.size(), written_.load(std::memory_order_acquire) - at);
  for (std::size_t i = 0; i < count; ++i) frames[i] = frames_[(at + i) % size];
  if (count > 0) read_.store(at + count, std::memory_order_release);
  return count;
}

class Exchange::Lane : public Port {
public:
  Lane(Exchange &exchange, const Owners &owners, std::size_t core, Port &own, FramePool &pool,
       bool trusts_card)
      : exchange_(exchange), owners_(owners), core_(static_cast<Owners::Core>(core)), own_(own),
        pool_(pool), trusts_card_(trusts_card), rings_(new FrameRing[owners.cores()]) {}

  std::size_t receive(std::span<Frame> burst) override {
    std::size_t count = take_over(burst.first(burst.size() / 2));
    std::span<Frame> fresh = burst.subspan(count);
    fresh = fresh.first(own_.receive(fresh.first(std::min(fresh.size(), burst_limit))));
    return count + sort(fresh);
  }
  std::size_t transmit(std::span<const Frame> frames) override { return own_.transmit(frames); }
  const Mac &mac() const override { return own_.mac(); }
  std::string_view name() const override { return own_.name(); }

  FrameRing &from(std::size_t core) { return rings_[core]; }
  std::uint64_t handed_over() const { return handed_over_.load(std::memory_order_relaxed); }
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
  bool is_distrusted() const { return is_distrusted_.load(std::memory_order_relaxed); }

private:
  std::size_t take_over(std::span<Frame> burst);
  std::size_t sort(std::span<Frame> frames);
  bool is_mine(const Frame &frame, Owners::Core &owner);
  void hand_over(std::span<const Frame> frames, std::span<const Owners::Core> owners);

  Exchange &exchange_;
  const Owners owners_;
  const Owners::Core core_;
  Port &own_;
  FramePool &pool_;
  bool trusts_card_;
  std::unique_ptr<FrameRing[]> rings_; // by the core that fills it
  std::size_t next_ = 0;               // ring to begin with, so that none starves
  std::atomic<std::uint64_t> handed_over_{0}, lost_{0};
  std::atomic<bool> is_distrusted_{false};
};

std::size_t Exchange::Lane::take_over(std::span<Frame> burst) {
  std::size_t count = 0, cores = owners_.cores();
  for (std::size_t i = 0; i < cores && count < burst.size(); ++i)
    count += rings_[(next_ + i) % cores].pop(burst.subspan(count));
  if (++next_ == cores) next_ = 0;
  return count;
}

bool Exchange::Lane::is_mine(const Frame &frame, Owners::Core &owner) {
  if (trusts_card_ && is_plain_ipv4(frame.bytes())) return true;
  owner = owners_.of(frame.bytes());
  return owner == core_;
}

/// Keeps in front what is this core's; returns how many that is.
std::size_t Exchange::Lane::sort(std::span<Frame> frames) {
  if (frames.empty()) return 0;
  for (const Frame &frame : frames) __builtin_prefetch(frame.data);
  if (trusts_card_ && is_plain_ipv4(frames[0].bytes()) && owners_.of(frames[0].bytes()) != core_) {
    trusts_card_ = false;
    is_distrusted_.store(true, std::memory_order_relaxed);
  }
  std::array<Frame, burst_limit> foreign;
  std::array<Owners::Core, burst_limit> owners;
  std::size_t mine = 0, others = 0;
  while (mine < frames.size() && is_mine(frames[mine], owners[0])) ++mine; // usually all
  for (const Frame &frame : frames.subspan(mine)) {
    if (is_mine(frame, owners[others])) frames[mine++] = frame;
    else foreign[others++] = frame;
  }
  if (others > 0) hand_over(std::span(foreign).first(others), std::span(owners).first(others));
  return mine;
}

void Exchange::Lane::hand_over(std::span<const Frame> frames, std::span<const Owners::Core> owners) {
  for (std::size_t core = 0; core < owners_.cores(); ++core) {
    std::array<Frame, burst_limit> group;
    std::size_t count = 0;
    for (std::size_t i = 0; i < frames.size(); ++i)
      if (owners[i] == core) group[count++] = frames[i];
    if (count == 0) continue;
    std::size_t taken = exchange_.lanes_[core]->from(core_).push(std::span(group).first(count));
    if (taken < count) pool_.release(std::span(group).subspan(taken, count - taken));
    add(handed_over_, taken);
    add(lost_, count - taken);
  }
}

Exchange::Exchange(const Owners &owners, std::span<Port *const> own,
                   std::span<FramePool *const> pools, bool trusts_card) {
  for (std::size_t core = 0; core < owners.cores(); ++core)
    lanes_.push_back(
        std::make_unique<Lane>(*this, owners, core, *own[core], *pools[core], trusts_card));
}
Exchange::~Exchange() = default;

Port &Exchange::port(std::size_t core) { return *lanes_[core]; }

std::uint64_t Exchange::handed_over() const {
  std::uint64_t total = 0;
  for (const auto &lane : lanes_) total += lane->handed_over();
  return total;
}

std::uint64_t Exchange::lost() const {
  std::uint64_t total = 0;
  for (const auto &lane : lanes_) total += lane->lost();
  return total;
}

bool Exchange::is_distrusted() const {
  return std::ranges::any_of(lanes_, [](const auto &lane) { return lane->is_distrusted(); });
}

} // namespace sekisho::port
