// The path role: the forwarding cores, and beside them a thread that talks to the other roles.
//
//   privileges: root until the ports are open; then its own user, no files, no network of its own, the calls
//   of path_calls.
//
//   path/ports      what it opens as root
//   path/worker     one forwarding core
//   path/crew       the threads
//   path/attendant  the thread beside them
#include "base/log.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/path/attendant.hh"
#include "gateway/role/path/crew.hh"
#include "gateway/role/path/ports.hh"

#include <malloc.h>

namespace sekisho::role {
namespace {

/// Memory given back to the kernel while rules compile would interrupt the forwarding core for every page
/// (measured: a fifth of the rate), so it is kept.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_ARENA_MAX, 1);
}

/// Addresses do not spread evenly: each core has room for a quarter more than its share.
std::size_t flows_of_core(std::size_t all, std::size_t cores) {
  return cores == 1 ? all : all / cores + all / cores / 4 + 1;
}

Attendant::Workers make_workers(const PathConfig &config, ZonePorts &ports, Commons &commons) {
  Attendant::Workers workers;
  std::size_t cores = ports.dpdk().owners().cores();
  for (std::size_t core = 0; core < cores; ++core) {
    path::PathOptions path;
    path.flows = flows_of_core(config.flows, cores);
    path.hash_key = flow::random_hash_key();
    path.core = core;
    path.checksums = true;
    Worker::Options options{.path = commons.options_of(core, std::move(path)),
                            .may_sleep = !ports.dpdk().has_card(),
                            .keeps_evidence = !config.evidence.empty()};
    workers.push_back(std::make_unique<Worker>(options, ports.dpdk().pool(core)));
    for (std::size_t id = 0; id < ports.zone_count(); ++id) {
      auto zone = static_cast<rules::ZoneId>(id);
      workers.back()->path().attach(zone, ports.port(zone, core), ports.tap(zone, core));
    }
  }
  return workers;
}

Result<int> serve(const PathConfig &config) {
  keep_memory();
  Result<std::shared_ptr<const rules::RuleSet>> rules = compiled(config.rules);
  if (!rules) return fail(rules.error());
  Result<std::uint32_t> severed = severed_zones(**rules, config.severed);
  if (!severed) return fail(severed.error());
  Result<std::unique_ptr<ZonePorts>> ports = ZonePorts::open(config, **rules);
  if (!ports) return fail(ports.error());

  Commons commons((*ports)->dpdk().owners().cores());
  Attendant::Workers workers = make_workers(config, **ports, commons);
  auto policy = policy_of(*rules, workers.size());
  for (const auto &worker : workers) {
    worker->path().adopt(policy);
    worker->path().sever(*severed);
  }
  Attendant attendant(config, workers, commons, **ports, std::move(policy), *severed);
  TRY(drop_root_for_path(config.identity)); // the threads made from here on too
  Crew crew(workers, attendant, (*ports)->dpdk());
  TRY(crew.gather());
  TRY(jail_for_path()); // all threads
  config.orders.send(MessageType::ready, 0);
  crew.work();
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
