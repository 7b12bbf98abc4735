// Fields by which programs that answer by themselves know what they must not answer: without them two of them write
// to each other without end.  Nothing is taken of a field but words of a list, or a name of harmless characters.
#pragma once

#include "sanitizer/mime/header.hh"

namespace sekisho::mime {

struct AutomaticField {
  std::string_view name; // as we write it, of static life
  std::string value;     // as we write it
};

/// What a field says, in our words.  Empty: it is none of these fields, or says nothing known.
///   Auto-Submitted            no, auto-generated, auto-replied; parameters left out (RFC 3834 §5)
///   Precedence                list, bulk, junk (RFC 3834 §3.1.8)
///   X-Auto-Response-Suppress  of DR, RN, NRN, OOF, AutoReply, All, None those named, in this order (MS-OXCMAIL)
///   List-Id                   <id> without the words before it, a dot-atom-text of at most 255 octets (RFC 2919)
std::string automatic_value(const Field &field);

/// At most one of each name: the first that says something known.
std::vector<AutomaticField> read_automatic(const std::vector<Field> &fields);

} // namespace sekisho::mime
