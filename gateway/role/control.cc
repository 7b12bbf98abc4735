// The control role: answers the local socket.
#include "base/log.hh"
#include "gateway/control/server.hh"
#include "gateway/role/jails.hh"
#include "gateway/role/roles.hh"

namespace sekisho::role {

int run_control(ControlConfig config) {
  if (auto jailed = jail_for_control(config.identity); !jailed) {
    log_error("cannot jail itself: " + jailed.error().what);
    return 1;
  }
  control::Roles roles{config.orders, config.supervisor, config.path,
                       config.relay,  config.record,     config.events};
  return control::Server(config.listener, roles).serve();
}

} // namespace sekisho::role
