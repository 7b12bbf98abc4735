// The outside of an S/MIME object: which kind it is and, of an opaque signature, what was signed.
// Reads just enough BER for that; no signature is checked, none survives.  RFC 5652, RFC 8551.
#pragma once

#include "base/bytes.hh"

namespace sekisho::mime {

enum class CmsType : std::uint8_t { none, signed_data, enveloped, other };

CmsType cms_type(Bytes object);
/// The signed entity (a MIME part with its header); empty where there is none or it cannot be read.
Buffer cms_signed_content(Bytes object);

} // namespace sekisho::mime
