// Which role talks to which.  The supervisor keeps both ends of every pair, so a role that is started again
// finds its channels; orders that it did not read are thrown away before it starts.
#pragma once

#include "gateway/role/channel/channel.hh"

namespace sekisho::role {

struct Pair {
  UniqueFd near, far;
  Channel near_end() const { return Channel(near.get()); }
  Channel far_end() const { return Channel(far.get()); }
};

struct Wiring {
  // near: the supervisor
  Pair path_orders, relay_orders, sanitizer_orders, office_orders, record_orders, control_orders,
      scan_orders;
  Pair control_requests; // near: the supervisor, far: control
  // near: control
  Pair control_path, control_relay, control_record;
  // near: record
  Pair path_events, relay_events, control_events, supervisor_events;
  // near: the relay, far: the zygote, the office nursery, the scan role
  Pair sanitizer, office, scan;
};

Result<Wiring> make_wiring();

} // namespace sekisho::role
