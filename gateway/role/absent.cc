// Where a half of the gateway is not part of this build, its role says so instead of running.
#include "base/log.hh"
#include "gateway/role/roles.hh"

namespace sekisho::role {

__attribute__((weak)) int run_path(PathConfig) {
  log_error("this sekishod was built without DPDK: start it with --without-packets");
  return 1;
}

__attribute__((weak)) int run_relay(RelayConfig) {
  log_error("this sekishod was built without the relay: start it with --without-mail");
  return 1;
}

} // namespace sekisho::role
