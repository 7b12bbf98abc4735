// Of a relay: how long and how much is kept of what was held or taken, and who may pass an original (H2, X5).
#pragma once

namespace sekisho::rules {

struct HoldRule {};

} // namespace sekisho::rules
