// What stands behind the end of a picture; private to rebuild.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"
#include "base/result.hh"

#include <vector>

namespace sekisho::rebuild {

/// Why a picture was treated, given the octets behind its end, which never go along.  Errors:
/// part_ambiguous when they are a file of another kind (a program, an archive, a PDF): then it
/// depends on the reader what the file is.  `says_more`: the picture itself says that others follow.
Result<std::vector<Reason>, Reason> reencoded(Bytes untrusted_behind, bool says_more = false);

} // namespace sekisho::rebuild
