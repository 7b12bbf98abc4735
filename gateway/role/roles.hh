// What each role is given.  Every run_* is called in a fresh child of the supervisor, still root: it opens
// what it must (ports, sockets), drops to its own user and jail, says `ready`, serves until `stop`, and
// returns the exit status.
//
// What a role answers to `status` (one JSON object) is shown by `sekisho status`:
//   "counters": {"not-listed": 12, …}   by Reason word, since the start of the role; zeros may be left out
//   path:  "flows": n, "zones": [{"name", "port", "rx_packets", "tx_packets", "dropped", …}]
//   relay: "queue": n, "hold": n, "sessions": n, …
// Other members are shown by their names.  The events a role sends are in gateway/record/event.hh.
#pragma once

#include "gateway/role/channel/channel.hh"
#include "gateway/role/channel/sources.hh"
#include "rules/diagnostic.hh"

#include <sys/types.h>

#include <string>
#include <vector>

namespace sekisho::role {

struct Identity {
  uid_t uid = 65534;
  gid_t gid = 65534;
};

struct PathConfig {
  Identity identity;
  Channel orders, control, record;
  std::vector<rules::SourceFile> rules;
  std::string severed; // blank-separated zone names
  /// One tap a zone, same order as the zones of the rules; made and addressed by the supervisor, so that the
  /// kernel side survives a restart of this role.  -1 where a zone has no address.
  std::vector<int> taps;
  std::vector<std::string> eal_arguments;
  std::vector<unsigned> processors; // one a forwarding core; empty: one core, anywhere
  std::size_t flows = 1u << 20;     // the most at once, of all cores
  std::vector<int> evidence;       // files of evidence::segment_count; none: no evidence is kept
  std::uint64_t evidence_size = 0; // octets of all of them
  std::vector<int> hits, devices;  // two files each (TwinFiles): the rules' counters, the device table
};
int run_path(PathConfig config);

struct RelayConfig {
  Identity identity;
  Channel orders, control, record;
  int sanitizer = -1; // channel to the zygote, for client::Sanitizer::over
  int office = -1;    // … and to the office nursery; -1: its program is not installed
  int scan = -1;      // channel to the scan role, for scan::scan_remotely
  std::vector<rules::SourceFile> rules;
  int secrets = -1; // a memfd: certificates, keys and passwords that the rules name
  std::string severed;
  std::string spool_folder; // owned by `identity`, 0700
  std::string record_folder; // only its names are read, before the jail
  /// Listening sockets, one a relay in the order of RuleSet::relays(); bound by the supervisor and kept open
  /// by it, so that a connection attempt during a restart waits instead of being refused.
  std::vector<int> listeners;
  int spool_key = -1; // memfd with the key file's text
  std::string host_name; // for the banner, EHLO and Received
};
int run_relay(RelayConfig config);

struct ScanConfig {
  Identity identity;
  Channel orders;
  int requests = -1; // channel from the relay (gateway/scan/remote.hh)
  std::vector<rules::SourceFile> rules;
};
int run_scan(ScanConfig config);

struct RecordConfig {
  Identity identity;
  Channel orders, control;
  std::vector<Channel> sources; // path, relay, control, supervisor: event and event_acked
  std::string record_folder;    // owned by `identity`, 0700
};
int run_record(RecordConfig config);

struct ControlConfig {
  Identity identity;
  Channel orders, supervisor, path, relay, record; // path, relay: none where it does not run
  Channel events; // to record
  int listener = -1; // the local socket, SOCK_SEQPACKET, made by the supervisor
};
int run_control(ControlConfig config);

} // namespace sekisho::role
