// Recipients that leave an envelope one by one.
#pragma once

#include "gateway/spool/envelope.hh"

namespace sekisho::spool {

void put_recipients(ByteWriter &writer, const std::vector<std::string> &recipients);
/// Takes them off the reader, which fails where they are no such list.
std::vector<std::string> take_recipients(ByteReader &reader);

bool is_among(const std::vector<std::string> &recipients, const std::string &one);

/// Only these are left, in this order; what was asked for each (Envelope::notify) stays with it.
void keep_recipients(Envelope &envelope, std::vector<std::string> recipients);

} // namespace sekisho::spool
