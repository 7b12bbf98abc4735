// Of a relay: where mail goes, by which security, how long it is tried, and who is told of a failure.
#pragma once

namespace sekisho::rules {

struct RoutesRule {};

} // namespace sekisho::rules
