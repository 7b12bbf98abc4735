// What the supervisor makes as root and keeps across the restarts of its roles: folders, taps, listening
// sockets, the local socket.
#pragma once

#include "base/unique_fd.hh"
#include "gateway/role/options.hh"
#include "gateway/role/policy.hh"
#include "gateway/role/roles.hh"

namespace sekisho::role {

/// The users of the roles.  Those of /etc/passwd (prefix + role name) where they are, else fixed numbers that
/// no package uses.
struct Identities {
  Identity path, relay, sanitizer, record, control, scan, office;
};
Identities find_identities(const std::string &user_prefix);

struct Folders {
  std::string record, spool, severed_file;
};

struct Doors {
  Folders folders;
  UniqueFd lock;                  // on the state folder: one daemon each
  std::vector<UniqueFd> taps;     // one a zone, -1 where there is none
  std::vector<UniqueFd> listeners; // one a relay
  UniqueFd control;
  UniqueFd spool_key; // memfd (spool_key.hh); none without mail
  std::vector<UniqueFd> evidence, hits, devices; // files the path writes and cannot open
};

/// Errors say what could not be made and why; nothing runs yet then.
Result<Doors> make_doors(const Options &options, const rules::RuleSet &rules,
                         const Identities &identities);

} // namespace sekisho::role
