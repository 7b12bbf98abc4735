// What a PDF has beside what a reader sees, for the report: scripts, actions, files inside.  It is
// gone in any case: pages come out as pictures.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"

#include <cstdint>
#include <vector>

namespace sekisho::rebuild {

struct PdfNames {
  std::vector<Reason> findings; // each once, in the order of base/reason.def
  std::vector<Reason> doubtful; // by names in strings and streams, where they may be words of a page
  bool plain_pictures = true;   // no mask and no odd decoding of any picture
  std::vector<double> user_units; // §14.11, as often as one is said
  std::size_t fields = 0;         // of a form, at most
  bool encrypted = false;         // what object streams hold was not seen
  bool redrawn = false;           // fields are to be drawn by their values (§12.7.2, NeedAppearances)
  bool unread = false;            // an object stream is packed in a way that is not read here
  bool sure = true;               // where streams end, as the engine has written them
};

/// By whom; whoever writes by hand can make strings and streams begin and end where no reader sees them do so.
enum class PdfWriting : std::uint8_t { by_anybody, by_engine };

/// Names are looked for in all objects, in compressed object streams too, and however they are
/// spelt (ISO 32000-1 §7.3.5: "/J#61vaScript").
PdfNames names_in_pdf(Bytes untrusted, PdfWriting writing = PdfWriting::by_anybody);

} // namespace sekisho::rebuild
