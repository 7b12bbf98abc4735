// What became of a file that holds other files; private to rebuild.
#pragma once

#include "sanitizer/rebuild/rebuild.hh"

namespace sekisho::rebuild {

struct Unpacked {
  Reason reason = Reason::none; // none: `rebuilt` is there
  bool held = false;            // something inside wants a person to look: the whole waits
  Rebuilt rebuilt;
  std::vector<job::PartReport> parts; // what is inside, in its order, "1.1" and so on
};

/// A mail (or TNEF object) that is a file: its header, its text and the note, as plain text.  Its
/// attachments are left out and told.  Our own code only, as for a mail that came as one.
Unpacked mail_file(job::Kind kind, const job::Job &job);

} // namespace sekisho::rebuild
