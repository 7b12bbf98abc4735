#include "bench/packet/rig.hh"

#include <fmt/format.h>

#include <stdexcept>

namespace sekisho::bench {
namespace {

[[noreturn]] void give_up(const std::string &why) {
  throw std::runtime_error(why);
}

} // namespace

path::Now now() {
  return {.nanoseconds = monotonic_ns(), .unix = unix_now()};
}

Rig::Rig(port::Dpdk &dpdk, std::size_t first)
    : dpdk_(dpdk), first_(first), silent_{Silent(dpdk.port(first)), Silent(dpdk.port(first + 1))} {}

void Rig::renew(std::size_t flows, std::shared_ptr<const path::Policy> policy, port::Port *from_a,
                port::Port *from_b, bool known_first) {
  path_.reset(); // first, so that only one table of flows is there at a time
  const path::PathOptions options{.flows = flows,
                                  .hash_key = flow::random_hash_key(),
                                  .known_first = known_first,
                                  .checksums = true}; // as sekishod has it
  path_ = std::make_unique<path::Path>(options, dpdk_.pool(), &events_);
  policy_ = std::move(policy);
  sources_ = {from_a ? from_a : &silent_[0], from_b ? from_b : &silent_[1]};
  for (unsigned zone : {0u, 1u})
    path_->attach(static_cast<rules::ZoneId>(zone), *sources_[zone], nullptr);
  path_->adopt(policy_);
}

void Rig::open(const Flow &flow) {
  for (const Opening &opening : opening_of(flow, gateways())) {
    port::Frame frame;
    if (!dpdk_.pool().allocate(frame)) give_up("the pool of frames is empty");
    Octets octets = make_frame(opening.spec);
    std::memcpy(frame.data, octets.data(), octets.size());
    dpdk_.pool().set_length(frame, static_cast<std::uint32_t>(octets.size()));
    auto zone = static_cast<rules::ZoneId>(opening.from);
    path_->run(zone, path::Side::port, {&frame, 1}, now());
  }
  take_events();
}

void Rig::open_all(const std::vector<Flow> &flows) {
  for (const Flow &flow : flows)
    open(flow);
  if (path_->flow_count() != flows.size())
    give_up(fmt::format("only {} of {} flows could be opened; dropped:{}", path_->flow_count(),
                        flows.size(), reasons()));
}

std::size_t Rig::turn() {
  return path_->turn(now());
}

std::size_t Rig::turn_without_path() {
  std::size_t total = 0;
  for (unsigned zone : {0u, 1u}) {
    std::array<port::Frame, path::burst_size> burst;
    std::size_t count = sources_[zone]->receive(burst);
    if (count > 0) sources_[1 - zone]->transmit(std::span(burst).first(count));
    total += count;
  }
  return total;
}

void Rig::take_events() {
  for (path::Event event; events_.pop(event);) {
  }
}

Sample Rig::path_ns(double seconds) {
  dropped_before_ = dropped();
  passed_before_ = passed();
  Count count = count_packets(seconds, [&] { return turn(); });
  take_events();
  return count.ns_a_packet();
}

Sample Rig::bare_ns(double seconds) {
  return count_packets(seconds, [&] { return turn_without_path(); }).ns_a_packet();
}

std::uint64_t Rig::dropped() const {
  const path::Counters &counters = path_->counters();
  return counters.zones[0].verdicts[0].value() + counters.zones[1].verdicts[0].value();
}

std::uint64_t Rig::passed() const {
  const path::Counters &counters = path_->counters();
  return counters.zones[0].sent.value() + counters.zones[1].sent.value();
}

std::string Rig::reasons() const {
  std::string text;
  for (unsigned zone : {0u, 1u})
    for (std::size_t reason = 0; reason < reason_count; ++reason)
      if (auto count = path_->counters().zones[zone].reasons[reason].value(); count > 0)
        text += fmt::format(" {} {}", count, word_of(static_cast<Reason>(reason)));
  return text;
}

void Rig::expect_dropped(std::string_view name, bool wanted) {
  std::uint64_t odd = wanted ? passed() - passed_before_ : dropped() - dropped_before_;
  if (odd > 0)
    give_up(fmt::format("{}: {} packets were {}:{}", name, odd, wanted ? "passed" : "dropped",
                        wanted ? "" : reasons()));
}

} // namespace sekisho::bench
