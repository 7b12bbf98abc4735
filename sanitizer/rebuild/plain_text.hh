// Text of any kind to clean text; what text.cc and mail.cc share.
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/text/emoji.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rebuild {

struct PlainText {
  std::string text; // as verify::accept_text wants it
  std::vector<Reason> reasons;
};

/// Whether a file of this kind is read by plain_text(): all of characters, and RTF.
bool is_text_kind(job::Kind kind);

/// `kind`: html, csv, rtf, calendar and vcard are read as such, all else as plain text.  `charset` as
/// declared, may be empty.  `carrier`: whose private emoji the sender may use.
PlainText plain_text(Bytes octets, job::Kind kind, std::string_view charset,
                     text::Carrier carrier = text::Carrier::unknown);

void add_reason(std::vector<Reason> &reasons, Reason reason); // once each

} // namespace sekisho::rebuild
