// Octets to a tree of parts, in one pass.  Tolerant in reading: whatever is not as the standards
// say becomes a flag, never an error, because a mail must be told about even when it is broken.
#pragma once

#include "base/bytes.hh"
#include "sanitizer/mime/header.hh"
#include "sanitizer/mime/transfer.hh"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace sekisho::mime {

enum class Disposition : std::uint8_t { none, inline_, attachment };

/// One entity.  Borrows from the mail (or from Mail::decoded) that it was parsed from.
struct Part {
  std::string path; // "1", "1.2": place in the tree, 1-based
  std::uint32_t depth = 0;
  std::vector<Field> fields;
  Bytes body;                          // transfer encoding still on
  std::vector<std::uint32_t> children; // indices into Mail::parts

  std::string type = "text/plain"; // lower case; "text/plain" where none is declared
  bool type_declared = false;
  std::string charset;  // as declared
  std::string protocol; // of multipart/signed and encrypted
  std::string smime_type;
  std::string start; // of multipart/related
  std::string content_id;
  std::string name; // declared file name, UTF-8, not cleaned
  Disposition disposition = Disposition::none;
  Encoding encoding = Encoding::identity;
  bool flowed = false, delsp = false; // text/plain; format=flowed, RFC 3676

  bool ambiguous =
      false; // can be read in two ways: fields twice, names or boundaries that disagree, base64 that goes on
  bool malformed = false; // a boundary that is missing, a header that ends too early
  bool too_deep = false;  // not descended into
  bool opened = false;    // out of a TNEF object: its text may be the mail's own once more

  bool is(std::string_view wanted) const { return type == wanted; }
  bool is_multipart() const { return type.starts_with("multipart/"); }
  bool is_message() const {
    return type == "message/rfc822" || type == "message/global" || type == "message/news";
  }
};

struct Mail {
  std::deque<Part> parts;     // parts[0] is the whole mail; a child comes after its parent
  std::deque<Buffer> decoded; // octets of messages that were transfer-encoded
  bool too_many = false;      // parts beyond the limit were passed over
  bool too_many_fields = false; // of one part: what it is, or who wrote it, may stand in what was passed over
};

struct Limits {
  std::uint32_t max_parts = 500;
  std::uint32_t max_depth = 10;
};

/// `mail` is borrowed by the result.  Linear in its size.  At least one part.
Mail parse(Bytes mail, const Limits &limits);

/// Parses an entity found inside the part `parent` (and keeps its octets in `mail`); its index. The
/// limits count from the whole mail on: nothing when there may be no more parts.  References to
/// parts stay valid.
std::optional<std::uint32_t> parse_into(Mail &mail, std::uint32_t parent, Buffer entity,
                                        const Limits &limits);

} // namespace sekisho::mime
