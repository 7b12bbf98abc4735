#include "sanitizer/rebuild/archive/archive.hh"
#include "sanitizer/zip/archive.hh"
#include "sanitizer/zip/unpack.hh"

#include <limits>
#include <numeric>

namespace sekisho::rebuild {
namespace {

/// What the directory announces, before anything is unpacked.
Reason bomb_in(const zip::Archive &archive, std::size_t packed, const job::Plan &plan) {
  std::size_t files = 0;
  std::uint64_t octets = 0;
  for (const zip::Member &member : archive.members) {
    files += !member.folder;
    octets += std::min(member.size, most_unpacked + 1);
  }
  if (files > plan.max_parts) return Reason::part_archive_count;
  if (octets > ratio_counts_from && octets / most_ratio > packed) return Reason::part_archive_ratio;
  return octets > most_unpacked ? Reason::part_archive_size : Reason::none;
}

} // namespace

Reason read_zip_members(Bytes untrusted, const job::Plan &plan, const TakeMember &take, bool &has_more) {
  constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();
  const zip::Archive archive =
      zip::read(untrusted, {.members = 65'535, .unpacked = any, .ratio = any}, true);
  if (archive.fault.reason == Reason::zip_bomb) return Reason::part_archive_count;
  if (archive.fault) return archive.fault.reason;
  has_more = archive.commented || !as_chars(untrusted).starts_with("PK");
  if (const Reason bomb = bomb_in(archive, untrusted.size(), plan); bomb != Reason::none)
    return bomb;
  zip::Unpacker unpacker;
  for (const zip::Member &member : archive.members) {
    if (member.folder) continue;
    ArchiveMember found{.name = member.name,
                        .contents = {},
                        .size = member.size,
                        .fault = member.encrypted ? Reason::part_encrypted : member.fault.reason};
    zip::Member readable = member;
    if (member.fault.reason == Reason::zip_duplicate) { // renamed on the way out: both are there
      found.fault = Reason::none;
      readable.fault = {};
    }
    if (found.fault == Reason::none && member.size > plan.max_input)
      found.fault = Reason::part_too_big;
    Buffer contents;
    if (found.fault == Reason::none) {
      contents.resize(member.size);
      found.fault = unpacker.unpack_into(readable, contents);
      if (found.fault == Reason::none) found.contents = contents;
    }
    if (!take(found)) break;
  }
  return Reason::none;
}

} // namespace sekisho::rebuild
