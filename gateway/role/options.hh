// What sekishod is told on its command line.
#pragma once

#include "base/result.hh"

#include <map>
#include <string>
#include <vector>

namespace sekisho::role {

struct ListenAt {
  std::string address;
  std::uint16_t port = 0;
};

struct Options {
  std::vector<std::string> rule_files;
  std::string state_folder = "/var/lib/sekisho";
  std::string run_folder = "/run/sekisho";
  bool packets = true, mail = true;
  std::vector<std::string> eal_arguments;
  std::vector<unsigned> processors; // of the forwarding cores; empty: one, anywhere
  std::size_t flows = 1u << 20;     // the most at once
  std::uint64_t evidence_size = 64u << 20; // octets; 0: none is kept
  std::string user_prefix = "sekisho-";
  std::map<std::string, ListenAt> listen; // by relay name: instead of the zone's address and port
  std::string sanitizer;                  // path of sekisho-sanitizer; empty: beside this program
  std::string office;                     // path of sekisho-office; empty: beside this program
  std::string spool_key;                  // file; empty: spool.key of the state folder
  std::string host_name;                  // empty: that of the machine
};

/// Parses the command line.  Prints help, version or what is wrong itself: then `exit_status` is set and
/// nothing is to be run.
struct Parsed {
  Options options;
  bool run = false;
  int exit_status = 0;
};
Parsed parse_options(int argc, char **argv);

} // namespace sekisho::role
