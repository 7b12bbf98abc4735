// Archives unpacked, each member treated, a new plain zip written (H3); private to rebuild.
#pragma once

#include "sanitizer/rebuild/unpacked.hh"

namespace sekisho::rebuild {

/// `kind`: of class archive.  Gives a zip; of a packed single file (gz, bz2, xz) what became of it.
/// Members that are stripped or refused are left out and told.  Errors:
///   too-deep                 archives in archives beyond the plan's depth
///   archive-count, -size, -ratio   bombs: more members than max_parts, more octets than any mail
///                            needs, more than 200 times what came in
///   archive-empty            nothing is left of it
///   zip-…, malformed         it cannot be read, or in two ways
///   archive-method           packed in a way that this version does not read
///   encrypted                as a whole.  Where a password comes in a later mail, it would come in
///   here
///                            with the job, and each reader take it; until then the plan's line for
///                            encrypted files says whether the mail waits
Unpacked unpack(job::Kind kind, const job::Job &job, const TreatFile &treat_file);

/// Before the lockdown: what libarchive's names need.
void warm_up_archives();

/// One file out of an archive, as hostile as it came.
struct ArchiveMember {
  std::string name;            // UTF-8, "/" between folders
  Bytes contents;              // borrowed for the call; empty where there is a fault
  std::uint64_t size = 0;      // unpacked, as far as known
  Reason fault = Reason::none; // why it cannot be had
  bool whole = false;          // the archive is one packed file without a name of its own
};

constexpr std::uint64_t most_unpacked = 256u << 20;    // octets of all members
constexpr std::uint64_t most_ratio = 200;              // unpacked to packed …
constexpr std::uint64_t ratio_counts_from = 16u << 20; // … where it is more than this

/// False: no more are wanted.
using TakeMember = std::function<bool(const ArchiveMember &)>;
/// Each member in turn; none, or why the archive cannot be read any further.  `has_more`: whether there are comments in or octets before a
/// zip, or behind the end of another archive.
Reason read_zip_members(Bytes untrusted, const job::Plan &plan, const TakeMember &take, bool &has_more);
Reason read_library_members(Bytes untrusted, job::Kind kind, const job::Plan &plan,
                            const TakeMember &take, bool &has_more);
bool has_locked_rar5_file(Bytes untrusted);

} // namespace sekisho::rebuild
