// Compressed RTF; private to tnef.  [MS-OXRTFCP].
#pragma once

#include "base/bytes.hh"

namespace sekisho::tnef {

/// The RTF; as far as it can be read where the stream is cut short, empty where it is none.  At
/// most nine times as long as what came in.
Buffer unpack_rtf(Bytes untrusted);

} // namespace sekisho::tnef
