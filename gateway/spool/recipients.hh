// Recipients that leave an envelope one by one.
#pragma once

#include "gateway/spool/envelope.hh"

namespace sekisho::spool {

/// Only these are left, in this order; what was asked for each (Envelope::notify) stays with it.
void keep_recipients(Envelope &envelope, std::vector<std::string> recipients);

} // namespace sekisho::spool
