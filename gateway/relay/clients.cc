#include "gateway/relay/clients.hh"

#include <algorithm>

namespace sekisho::relay {
namespace {

using namespace std::chrono_literals;

template <class Count> void count_down(std::map<Ip, Count> &counts, const Ip &ip) {
  const auto found = counts.find(ip);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

template <class Count> Count count_of(const std::map<Ip, Count> &counts, const Ip &ip) {
  const auto found = counts.find(ip);
  return found == counts.end() ? 0 : found->second;
}

} // namespace

Ip net_of(const Ip &ip) {
  Ip net = ip;
  std::fill(net.octets.begin() + (ip.is_v4() ? 15 : 8), net.octets.end(), std::uint8_t{0});
  return net;
}

Ip source_of(const Ip &ip) { return ip.is_v4() ? ip : net_of(ip); }

Reason Connections::enter(const Ip &ip, const ConnectionLimits &limits) {
  const Ip source = source_of(ip), net = net_of(ip);
  if (all_ >= limits.all || count_of(sources_, source) >= limits.a_source || count_of(nets_, net) >= limits.a_net)
    return Reason::too_many_connections;
  ++all_;
  ++sources_[source];
  ++nets_[net];
  return Reason::none;
}

void Connections::leave(const Ip &ip) {
  --all_;
  count_down(sources_, source_of(ip));
  count_down(nets_, net_of(ip));
}

Reason Rates::take(const Ip &ip, std::uint32_t a_minute, Time now) {
  if (a_minute == 0) return Reason::none;
  const Ip source = source_of(ip);
  auto found = buckets_.find(source);
  if (found == buckets_.end()) {
    if (buckets_.size() >= most_sources) forget_full(now);
    if (buckets_.size() >= most_sources) return Reason::client_too_fast;
    found = buckets_.emplace(source, Bucket{static_cast<double>(a_minute), now}).first;
  }
  Bucket &bucket = found->second;
  const double minutes = std::chrono::duration<double, std::ratio<60>>(now - bucket.filled).count();
  bucket.left = std::min<double>(a_minute, bucket.left + minutes * a_minute);
  bucket.filled = now;
  if (bucket.left < 1) return Reason::client_too_fast;
  bucket.left -= 1;
  return Reason::none;
}

/// After a minute a bucket is full whatever was taken: as good as none.  At most once a second.
void Rates::forget_full(Time now) {
  if (now < next_sweep_) return;
  next_sweep_ = now + 1s;
  std::erase_if(buckets_, [&](const auto &entry) { return now - entry.second.filled >= 60s; });
}

} // namespace sekisho::relay
