// What each role is given: its channels, its descriptors, its user.  Nothing else stays open in it.
#include "gateway/role/supervisor.hh"

#include "base/log.hh"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sekisho::role {
namespace {

std::vector<int> numbers(const std::vector<UniqueFd> &fds) {
  std::vector<int> found;
  for (const UniqueFd &fd : fds) found.push_back(fd.get());
  return found;
}

std::vector<int> joined(std::vector<int> first, const std::vector<int> &second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::string host_name(const Options &options) {
  if (!options.host_name.empty()) return options.host_name;
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return *name ? name : "sekisho";
}

/// Beside this program when installed, else where the build puts it; empty: nowhere.
std::string find_program(const std::string &named, const std::string &name, const std::string &build_folder) {
  if (!named.empty()) return named;
  std::error_code ignored;
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const std::string &place : {name, "../lib/sekisho/" + name, "../../sanitizer/" + build_folder + "/" + name})
    if (std::filesystem::exists(folder / place, ignored)) return (folder / place).string();
  return {};
}

/// The sanitizer's programs are no roles of this one, so that no decoder shares an address space with a role;
/// they make their namespaces as root and drop by themselves.
int become_program(const std::string &program, int channel, const Identity &identity) {
  ::fcntl(channel, F_SETFD, 0); // this one is for it
  std::string number = std::to_string(channel), uid = std::to_string(identity.uid),
              gid = std::to_string(identity.gid);
  ::execl(program.c_str(), program.c_str(), "--channel", number.c_str(), "--uid", uid.c_str(), "--gid", gid.c_str(),
          nullptr);
  log_error("cannot start " + program + ": " + std::strerror(errno));
  return 1;
}

} // namespace

void Supervisor::describe_roles() {
  processes_.push_back(make_record());
  office_program_ = find_program(options_.office, "sekisho-office", "office");
  if (options_.mail) processes_.push_back(make_sanitizer());
  if (options_.mail) processes_.push_back(make_scan());
  if (options_.mail && !office_program_.empty()) processes_.push_back(make_office());
  if (options_.mail) processes_.push_back(make_relay());
  if (options_.packets) processes_.push_back(make_path());
  processes_.push_back(make_control());
}

Process Supervisor::make_path() {
  std::vector<int> keep = joined({wiring_.path_orders.far.get(), wiring_.control_path.far.get(),
                                  wiring_.path_events.far.get()},
                                 numbers(doors_.taps));
  for (const std::vector<UniqueFd> *files : {&doors_.evidence, &doors_.hits, &doors_.devices})
    keep = joined(keep, numbers(*files));
  return Process("path", keep, [this] {
    PathConfig config;
    config.identity = identities_.path;
    config.orders = wiring_.path_orders.far_end();
    config.control = wiring_.control_path.far_end();
    config.record = wiring_.path_events.far_end();
    config.rules = policy_.sources;
    config.severed = severed_.text();
    config.taps = numbers(doors_.taps);
    config.eal_arguments = options_.eal_arguments;
    config.processors = options_.processors;
    config.flows = options_.flows;
    config.evidence = numbers(doors_.evidence);
    config.evidence_size = options_.evidence_size;
    config.hits = numbers(doors_.hits);
    config.devices = numbers(doors_.devices);
    return run_path(std::move(config));
  });
}

Process Supervisor::make_relay() {
  std::vector<int> keep = joined({wiring_.relay_orders.far.get(), wiring_.control_relay.far.get(),
                                  wiring_.relay_events.far.get(), wiring_.sanitizer.near.get(),
                                  wiring_.scan.near.get(), wiring_.office.near.get(),
                                  secrets_.get(), doors_.spool_key.get()},
                                 numbers(doors_.listeners));
  return Process("relay", keep, [this] {
    RelayConfig config;
    config.identity = identities_.relay;
    config.orders = wiring_.relay_orders.far_end();
    config.control = wiring_.control_relay.far_end();
    config.record = wiring_.relay_events.far_end();
    config.sanitizer = wiring_.sanitizer.near.get();
    config.scan = wiring_.scan.near.get();
    config.office = office_program_.empty() ? -1 : wiring_.office.near.get();
    config.rules = policy_.sources;
    config.secrets = secrets_.get();
    config.severed = severed_.text();
    config.spool_folder = doors_.folders.spool;
    config.record_folder = doors_.folders.record;
    config.listeners = numbers(doors_.listeners);
    config.spool_key = doors_.spool_key.get();
    config.host_name = host_name(options_);
    return run_relay(std::move(config));
  });
}

Process Supervisor::make_sanitizer() {
  std::string program = find_program(options_.sanitizer, "sekisho-sanitizer", "worker");
  if (program.empty()) program = "sekisho-sanitizer";
  Process zygote("sanitizer", {wiring_.sanitizer.far.get()}, [this, program] {
    return become_program(program, wiring_.sanitizer.far.get(), identities_.sanitizer);
  });
  zygote.without_ready();
  return zygote;
}

Process Supervisor::make_scan() {
  return Process("scan", {wiring_.scan_orders.far.get(), wiring_.scan.far.get()}, [this] {
    ScanConfig config;
    config.identity = identities_.scan;
    config.orders = wiring_.scan_orders.far_end();
    config.requests = wiring_.scan.far.get();
    config.rules = policy_.sources;
    return run_scan(std::move(config));
  });
}

Process Supervisor::make_office() {
  Process nursery("office", {wiring_.office.far.get()}, [this] {
    return become_program(office_program_, wiring_.office.far.get(), identities_.office);
  });
  nursery.without_ready();
  return nursery;
}

Process Supervisor::make_record() {
  std::vector<int> keep = {wiring_.record_orders.far.get(),   wiring_.control_record.far.get(),
                           wiring_.path_events.near.get(),    wiring_.relay_events.near.get(),
                           wiring_.control_events.near.get(), wiring_.supervisor_events.near.get()};
  return Process("record", keep, [this] {
    RecordConfig config;
    config.identity = identities_.record;
    config.orders = wiring_.record_orders.far_end();
    config.control = wiring_.control_record.far_end();
    config.sources = {wiring_.path_events.near_end(), wiring_.relay_events.near_end(),
                      wiring_.control_events.near_end(), wiring_.supervisor_events.near_end()};
    config.record_folder = doors_.folders.record;
    return run_record(std::move(config));
  });
}

Process Supervisor::make_control() {
  std::vector<int> keep = {wiring_.control_orders.far.get(),  wiring_.control_requests.far.get(),
                           wiring_.control_path.near.get(),   wiring_.control_relay.near.get(),
                           wiring_.control_record.near.get(), wiring_.control_events.far.get(),
                           doors_.control.get()};
  return Process("control", keep, [this] {
    ControlConfig config;
    config.identity = identities_.control;
    config.orders = wiring_.control_orders.far_end();
    config.supervisor = wiring_.control_requests.far_end();
    config.path = options_.packets ? wiring_.control_path.near_end() : Channel();
    config.relay = options_.mail ? wiring_.control_relay.near_end() : Channel();
    config.record = wiring_.control_record.near_end();
    config.events = wiring_.control_events.far_end();
    config.listener = doors_.control.get();
    return run_control(std::move(config));
  });
}

} // namespace sekisho::role
