// What octets are called in reports and records.
#pragma once

#include "base/bytes.hh"

#include <string>

namespace sekisho::job {

/// SHA-256, 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256_hex(Bytes bytes);
/// Makes the library load what it loads at first use; call before a jail closes.
void warm_up_digest();

} // namespace sekisho::job
