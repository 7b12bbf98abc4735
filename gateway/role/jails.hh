// What each role may do after it has opened what it needs: its privileges on one page.
#pragma once

#include "gateway/role/roles.hh"

namespace sekisho::role {

/// Files of `folder` only; no sockets made, no program run.
Result<void> jail_for_record(const Identity &identity, const std::string &folder);

/// Files of `folder` and TCP sockets; threads, but no program run.
Result<void> jail_for_relay(const Identity &identity, const std::string &folder);

/// Unix sockets to virus scanners; no files, no network, no program run.
Result<void> jail_for_scan(const Identity &identity);

/// The descriptors it has and those it accepts; no files, no sockets made, no program run.
Result<void> jail_for_control(const Identity &identity);

/// Its own user, no files, no network but the ports that are open.  Before its second thread starts.
Result<void> drop_root_for_path(const Identity &identity);
/// What forwarding, its orders and its memory need; for all threads.
Result<void> jail_for_path();

} // namespace sekisho::role
