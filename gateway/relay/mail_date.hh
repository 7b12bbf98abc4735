// Times as mail writes them.
#pragma once

#include "base/clock.hh"

#include <string>

namespace sekisho::relay {

/// "Fri, 20 Nov 2026 18:45:42 +0000", RFC 5322 §3.3.
std::string mail_date(UnixSeconds time);

} // namespace sekisho::relay
