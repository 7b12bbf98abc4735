// What became of a file that holds other files; private to rebuild.
#pragma once

#include "sanitizer/rebuild/rebuild.hh"

namespace sekisho::rebuild {

/// Why a mail or an archive waits when a file in it does.
inline Reason held_whole(Reason inside) {
  switch (inside) {
  case Reason::part_encrypted:
  case Reason::job_held_encrypted: return Reason::job_held_encrypted;
  case Reason::part_engine_missing:
  case Reason::job_held_engine_missing: return Reason::job_held_engine_missing;
  default: return Reason::job_held_by_rule;
  }
}

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
