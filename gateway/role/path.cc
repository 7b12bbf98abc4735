// The path role: the forwarding core, and beside it a thread that talks to the other roles.
//
//   privileges: root until the ports are open; then its own user, no files, no network of its own, the calls
//   of path_calls.
//
// The two threads share three things: counters (one writes, one reads), the ring of events, and one slot
// for an order, which the forwarding core takes between two turns.
#include "gateway/path/report.hh"

#include "base/check.hh"
#include "base/log.hh"
#include "gateway/path/path.hh"
#include "gateway/port/dpdk.hh"
#include "gateway/port/tap.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/roles.hh"
#include "rules/compile.hh"

#include <malloc.h>
#include <poll.h>

#include <deque>
#include <sstream>
#include <thread>

namespace sekisho::role {
namespace {

constexpr std::size_t flow_limit = 1u << 20;
constexpr int event_pause_ms = 100;               // how long an event may wait for its way to the record
constexpr int retry_pause_ms = 5;                 // while the record is busy
constexpr std::size_t backlog_limit = 16384;      // events
constexpr std::uint64_t order_limit = 5'000'000'000; // ns; a core that takes no order for so long is stuck

struct Order {
  std::shared_ptr<const path::Policy> policy; // in: the new one, out: the old one
  bool brings_policy = false;
  std::uint32_t severed = 0;
};

/// What both threads see.
struct Shared {
  std::atomic<Order *> order{nullptr};
  std::atomic<bool> stopped{false};
  path::EventRing events;
};

Result<std::shared_ptr<const rules::RuleSet>> compiled(
    const std::vector<rules::SourceFile> &sources) {
  rules::Compiled compiled = rules::compile(sources, unix_now());
  if (!compiled.rules) return fail(rules::render(compiled.diagnostics, sources, false));
  return compiled.rules;
}

Result<std::uint32_t> severed_zones(const rules::RuleSet &rules, const std::string &names) {
  std::uint32_t zones = 0;
  std::istringstream words(names);
  for (std::string name; words >> name;) {
    std::optional<rules::ZoneId> zone = rules.zone_named(name);
    if (!zone) return fail("cannot cut off " + name + ": there is no such zone");
    zones |= 1u << *zone;
  }
  return zones;
}

bool have_same_ports(const rules::RuleSet &one, const rules::RuleSet &other) {
  return std::ranges::equal(one.zones(), other.zones(), {}, &rules::Zone::port, &rules::Zone::port);
}

/// The thread beside the forwarding core: orders, questions, events.
class Attendant {
public:
  Attendant(const PathConfig &config, const path::Path &path, Shared &shared,
            std::shared_ptr<const path::Policy> policy)
      : config_(config), path_(path), shared_(shared), policy_(std::move(policy)),
        severed_(path.severed()) {}

  void serve() {
    while (!shared_.stopped) {
      wait();
      while (auto message = config_.orders.receive(0)) obey(*message);
      while (auto message = config_.control.receive(0))
        if (message->type == MessageType::status)
          config_.control.send(MessageType::reply, message->id, status());
      hand_on_events();
    }
  }

private:
  void wait() {
    std::array<pollfd, 2> channels = {
        {{config_.orders.fd(), POLLIN, 0}, {config_.control.fd(), POLLIN, 0}}};
    ::poll(channels.data(), channels.size(), backlog_.empty() ? event_pause_ms : retry_pause_ms);
    if (channels[0].revents & (POLLHUP | POLLERR)) shared_.stopped = true; // no supervisor any more
  }

  void obey(Message &message) {
    Result<void> done;
    switch (message.type) {
    case MessageType::rules: done = take_rules(message); break;
    case MessageType::severed: done = take_severed(message.text); break;
    case MessageType::stop: shared_.stopped = true; return;
    default: return;
    }
    if (done) config_.orders.send(MessageType::done, message.id);
    else config_.orders.send(MessageType::failed, message.id,
                             std::string_view(done.error().what).substr(0, max_message_text));
  }

  /// Compiled here, away from the forwarding core; the old rules hold until the new ones do.
  Result<void> take_rules(Message &message) {
    Result<std::vector<rules::SourceFile>> sources = read_sources(message.fd.get());
    if (!sources) return fail(sources.error());
    Result<std::shared_ptr<const rules::RuleSet>> rules = compiled(*sources);
    if (!rules) return fail(rules.error());
    if (!have_same_ports(policy_->rules(), **rules))
      return fail("zones and ports change only when sekishod is started again");
    auto policy = std::make_shared<const path::Policy>(std::move(*rules));
    give({.policy = policy, .brings_policy = true, .severed = severed_});
    hand_on_events(); // those of the old rules still know their labels
    for (std::size_t rule = 0; rule < policy_->rules().labels().size(); ++rule)
      earlier_hits_[policy_->rules().labels()[rule]] +=
          policy_->hits(static_cast<rules::RuleId>(rule)).value();
    policy_ = std::move(policy);
    ++generation_;
    return {};
  }

  Result<void> take_severed(const std::string &names) {
    Result<std::uint32_t> zones = severed_zones(policy_->rules(), names);
    if (!zones) return fail(zones.error());
    severed_ = *zones;
    give({.policy = nullptr, .brings_policy = false, .severed = severed_});
    return {};
  }

  /// Returns when the forwarding core has it: from then on nothing is decided otherwise.  What the core gave
  /// back is freed here.
  void give(Order order) {
    shared_.order.store(&order, std::memory_order_release);
    std::uint64_t since = monotonic_ns();
    while (shared_.order.load(std::memory_order_acquire)) {
      CHECK(monotonic_ns() - since < order_limit);
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }

  std::string status() const {
    path::Json status = path::status_json(path_.counters(), *policy_, earlier_hits_);
    status["generation"] = generation_;
    status["events_lost"] = path_.counters().events_lost.value() + unsent_;
    return status.dump(-1, ' ', false, path::Json::error_handler_t::replace);
  }

  /// What the record does not take yet waits here, as text: its rule labels are those of its time.
  void hand_on_events() {
    for (path::Event event; shared_.events.pop(event);) {
      if (backlog_.size() == backlog_limit) ++unsent_;
      else backlog_.push_back(path::to_json(event, &policy_->rules())
                                  .dump(-1, ' ', false, path::Json::error_handler_t::replace));
    }
    while (!backlog_.empty() && config_.record.send(MessageType::event, 0, backlog_.front()))
      backlog_.pop_front();
  }

  const PathConfig &config_;
  const path::Path &path_;
  Shared &shared_;
  std::shared_ptr<const path::Policy> policy_;
  std::uint32_t severed_;
  std::map<std::string, std::uint64_t> earlier_hits_;
  std::uint64_t generation_ = 1;
  std::deque<std::string> backlog_;
  std::uint64_t unsent_ = 0; // events for which there was no room
};

void take_order(path::Path &path, Shared &shared) {
  Order *order = shared.order.load(std::memory_order_acquire);
  if (!order) return;
  if (order->brings_policy) order->policy = path.adopt(std::move(order->policy));
  path.sever(order->severed);
  shared.order.store(nullptr, std::memory_order_release);
}

/// Ports of the kernel are not worth a spinning core: the longer nothing comes, the longer the naps.
void rest(unsigned empty_turns) {
  if (empty_turns < 32) return;
  std::this_thread::sleep_for(std::chrono::microseconds(empty_turns < 2000 ? 50 : 500));
}

void forward(path::Path &path, Shared &shared, bool has_card) {
  unsigned empty_turns = 0;
  for (unsigned turn = 0; !shared.stopped.load(std::memory_order_relaxed); ++turn) {
    take_order(path, shared);
    path::Now now{.nanoseconds = monotonic_ns(), .unix = unix_now()};
    bool with_taps = !has_card || empty_turns > 0 || turn % 16 == 0; // a tap costs a system call
    empty_turns = path.turn(now, with_taps) > 0 ? 0 : empty_turns + 1;
    if (!has_card) rest(empty_turns);
  }
}

/// Memory given back to the kernel while rules compile would interrupt the forwarding core for every page
/// (measured: a fifth of the rate), so it is kept.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_ARENA_MAX, 1);
}

struct Taps {
  std::vector<std::unique_ptr<port::TapPort>> ports; // null where the zone has none
};

/// The tap of a zone speaks with the MAC of the zone's port: on the wire they are one device.
Result<Taps> open_taps(const PathConfig &config, port::Dpdk &dpdk) {
  Taps taps;
  for (std::size_t zone = 0; zone < dpdk.port_count(); ++zone) {
    int fd = zone < config.taps.size() ? config.taps[zone] : -1;
    const port::Port &port = dpdk.port(zone);
    taps.ports.push_back(nullptr);
    if (fd < 0) continue;
    TRY(port::set_tap_mac(fd, port.mac()));
    taps.ports.back() = std::make_unique<port::TapPort>("tap of " + std::string(port.name()),
                                                        port.mac(), fd, dpdk.pool());
  }
  return taps;
}

Result<std::unique_ptr<port::Dpdk>> open_ports(const PathConfig &config,
                                               const rules::RuleSet &rules) {
  std::vector<std::string> ports;
  for (const rules::Zone &zone : rules.zones()) ports.push_back(zone.port);
  return port::Dpdk::start(ports, config.eal_arguments);
}

Result<int> serve(const PathConfig &config) {
  keep_memory();
  Result<std::shared_ptr<const rules::RuleSet>> rules = compiled(config.rules);
  if (!rules) return fail(rules.error());
  Result<std::uint32_t> severed = severed_zones(**rules, config.severed);
  if (!severed) return fail(severed.error());
  Result<std::unique_ptr<port::Dpdk>> dpdk = open_ports(config, **rules);
  if (!dpdk) return fail(dpdk.error());
  Result<Taps> taps = open_taps(config, **dpdk);
  if (!taps) return fail(taps.error());

  Shared shared;
  path::Path path({.flows = flow_limit, .hash_key = flow::random_hash_key()}, (*dpdk)->pool(),
                  &shared.events);
  for (std::size_t zone = 0; zone < taps->ports.size(); ++zone)
    path.attach(static_cast<rules::ZoneId>(zone), (*dpdk)->port(zone), taps->ports[zone].get());
  auto policy = std::make_shared<const path::Policy>(*rules);
  path.adopt(policy);
  path.sever(*severed);

  Attendant attendant(config, path, shared, std::move(policy));
  TRY(drop_root_for_path(config.identity));
  std::thread beside([&] { attendant.serve(); });
  Result<void> jailed = jail_for_path(); // both threads
  if (jailed) {
    config.orders.send(MessageType::ready, 0);
    forward(path, shared, (*dpdk)->has_card());
  }
  shared.stopped = true;
  beside.join();
  if (!jailed) return fail(jailed.error());
  return 0;
}

} // namespace

int run_path(PathConfig config) {
  Result<int> status = serve(config);
  if (status) return *status;
  log_error(status.error().what);
  return 1;
}

} // namespace sekisho::role
