// A TNEF object as parts of the mail that it came in (H1).
#pragma once

#include "sanitizer/mime/parse.hh"

namespace sekisho::mime {

/// Opens `tnef`, found in the part `parent`: a multipart of its texts (alternatives) and its
/// attachments, with the message's subject, sender and date as fields; messages inside are opened
/// too and appear as message/rfc822.  The index of the multipart; nothing where it is no TNEF or
/// the limits, which count from the whole mail on, are reached.  References to parts stay valid.
std::optional<std::uint32_t> open_tnef(Mail &mail, std::uint32_t parent, Buffer tnef,
                                       const Limits &limits);

} // namespace sekisho::mime
