// The path role: the forwarding cores, and beside them a thread that talks to the other roles.
//
//   privileges: root until the ports are open; then its own user, no files, no network of its own, the calls
//   of path_calls.
//
//   path/ports      what it opens as root
//   path/worker     one forwarding core
//   path/attendant  the thread beside them
#include "base/log.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/path/attendant.hh"
#include "gateway/role/path/ports.hh"

#include <malloc.h>

#include <thread>

namespace sekisho::role {
namespace {

constexpr std::size_t flow_limit = 1u << 20;

/// Memory given back to the kernel while rules compile would interrupt the forwarding core for every page
/// (measured: a fifth of the rate), so it is kept.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_ARENA_MAX, 1);
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

  Attendant::Workers workers;
  Commons commons(1);
  path::PathOptions options{.flows = flow_limit, .hash_key = flow::random_hash_key(), .checksums = true};
  workers.push_back(std::make_unique<Worker>(
      Worker::Options{.path = commons.options_of(0, options),
                      .may_sleep = !(*dpdk)->has_card()},
      (*dpdk)->pool()));
  auto policies = policies_of(*rules, workers.size());
  path::Path &path = workers[0]->path();
  for (std::size_t zone = 0; zone < taps->ports.size(); ++zone)
    path.attach(static_cast<rules::ZoneId>(zone), (*dpdk)->port(zone), taps->ports[zone].get());
  path.adopt(policies[0]);
  path.sever(*severed);

  Attendant attendant(config, workers, commons, std::move(policies), *severed);
  TRY(drop_root_for_path(config.identity));
  std::thread beside([&] { attendant.serve(); });
  Result<void> jailed = jail_for_path(); // both threads
  if (jailed) {
    config.orders.send(MessageType::ready, 0);
    workers[0]->forward();
  }
  attendant.stop();
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
