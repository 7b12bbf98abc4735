#include "gateway/role/wiring.hh"

namespace sekisho::role {

Result<Wiring> make_wiring() {
  Wiring wiring;
  for (Pair *pair : {&wiring.path_orders, &wiring.relay_orders, &wiring.sanitizer_orders,
                     &wiring.office_orders,
                     &wiring.record_orders, &wiring.control_orders, &wiring.control_requests,
                     &wiring.control_path, &wiring.control_relay, &wiring.control_record,
                     &wiring.path_events, &wiring.relay_events, &wiring.control_events,
                     &wiring.supervisor_events, &wiring.sanitizer, &wiring.office,
                     &wiring.scan, &wiring.scan_orders}) {
    Result<std::pair<UniqueFd, UniqueFd>> made = make_pair();
    if (!made) return fail(made.error());
    pair->near = std::move(made->first);
    pair->far = std::move(made->second);
  }
  return wiring;
}

} // namespace sekisho::role
