// Of a relay: what is looked at before a mail is taken: authentication, destinations, forwarding, masses (M2, M5–M7, M11, X4).
#pragma once

namespace sekisho::rules {

struct GuardRule {};

} // namespace sekisho::rules
