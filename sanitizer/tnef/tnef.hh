// winmail.dat: what Outlook wraps a mail in for others of its kind.  [MS-OXTNEF].  Tolerant in
// reading, as mime is: what is damaged is read as far as it goes and said so.
#pragma once

#include "base/bytes.hh"

#include <optional>
#include <string>
#include <vector>

namespace sekisho::tnef {

struct Attachment {
  std::string name;       // UTF-8, not cleaned, may be empty
  std::string type;       // media type as declared, may be empty
  std::string content_id; // may be empty
  Bytes content;          // borrowed; of a message inside the message: TNEF again
  bool message = false;
  bool elsewhere = false; // only where it lies is said (a share, a web address); there is no content
};

/// Of a meeting: times as iCalendar has them ("20261121T010000Z"; without Z where the zone is not known;
/// "20261121" of whole days, the end behind the last), all may be empty.
struct Appointment {
  std::string start, end, place, pattern; // the pattern in words, where it is a series
};

struct Message {
  std::string from, to, date, subject; // UTF-8, not cleaned, may be empty
  std::string plain;                   // UTF-8, not cleaned
  Bytes html;                          // borrowed
  std::string html_charset;            // its label; empty where it is not said
  Buffer rtf;
  std::string message_class; // what it is: "IPM.Note" is a mail.  [MS-OXCMSG] §2.2.1.3
  Appointment appointment;
  Bytes properties; // borrowed; of the message, as they stand
  std::vector<Attachment> attachments;
  bool malformed = false; // cut short, or a sum is wrong
};

/// Nothing where it is no TNEF.  Linear in its size.  At most `most_attachments`; where there are
/// more it is malformed.
std::optional<Message> read(Bytes untrusted, std::size_t most_attachments);

} // namespace sekisho::tnef
