// Of a relay: who may hand in mail, how fast, by which security.
#pragma once

namespace sekisho::rules {

struct DoorRule {};

} // namespace sekisho::rules
