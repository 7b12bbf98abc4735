#include "gateway/path/counters.hh"

namespace sekisho::path {
namespace {

template <std::size_t size>
void add_all(std::array<Tally, size> &total, const std::array<Tally, size> &one) {
  for (std::size_t i = 0; i < size; ++i) total[i].add(one[i].value());
}

} // namespace

void add_up(Counters &total, const Counters &one) {
  for (std::size_t zone = 0; zone < total.zones.size(); ++zone) {
    ZoneCounters &sum = total.zones[zone];
    const ZoneCounters &more = one.zones[zone];
    sum.from_port.add(more.from_port.value());
    sum.from_kernel.add(more.from_kernel.value());
    sum.octets.add(more.octets.value());
    sum.sent.add(more.sent.value());
    add_all(sum.verdicts, more.verdicts);
    add_all(sum.reasons, more.reasons);
  }
  total.flows_opened.add(one.flows_opened.value());
  total.arp_asked.add(one.arp_asked.value());
  total.too_big_answered.add(one.too_big_answered.value());
  total.events_lost.add(one.events_lost.value());
  total.flows += one.flows.load(std::memory_order_relaxed);
}

} // namespace sekisho::path
