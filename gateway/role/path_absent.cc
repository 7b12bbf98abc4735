// run_path of a build without DPDK: the role says so instead of running.
#include "base/log.hh"
#include "gateway/role/roles.hh"

namespace sekisho::role {

int run_path(PathConfig) {
  log_error("this sekishod was built without DPDK: start it with --without-packets");
  return 1;
}

} // namespace sekisho::role
