#include "sanitizer/rebuild/behind.hh"

#include "sanitizer/detect/detect.hh"

#include <algorithm>

namespace sekisho::rebuild {

namespace {

/// What Samsung's telephones write behind a picture, such as when it was taken: blocks, then a directory of all of them.
bool is_trailer_of_telephone(Bytes untrusted) {
  constexpr std::size_t most = 64u << 10, least_directory = 12, entry = 12, end = 8; // a film is longer
  const std::string_view chars = as_chars(untrusted);
  if (chars.size() > most || chars.size() < least_directory + end || !chars.ends_with("SEFT")) return false;
  const std::size_t blocks_and_directory = chars.size() - end;
  const std::size_t directory = ByteReader(untrusted.subspan(blocks_and_directory)).read_u32_le();
  if (directory < least_directory || directory > blocks_and_directory) return false;
  const std::size_t start = blocks_and_directory - directory;
  if (!chars.substr(start).starts_with("SEFH")) return false;
  ByteReader reader(untrusted.subspan(start + 8, directory - 8));
  const std::uint64_t count = reader.read_u32_le();
  if (count * entry + least_directory != directory) return false;
  std::uint64_t octets = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    reader.skip(8); // type, place
    octets += reader.read_u32_le();
  }
  return octets == start;
}

} // namespace

Result<std::vector<Reason>, Reason> reencoded(Bytes untrusted_behind, bool says_more) {
  std::vector<Reason> reasons{Reason::part_reencoded};
  const bool padding = std::all_of(untrusted_behind.begin(), untrusted_behind.end(),
                                   [](std::byte octet) { return octet == std::byte{0}; });
  if (padding || is_trailer_of_telephone(untrusted_behind)) return reasons;
  const job::Kind kind = detect::kind_of(untrusted_behind);
  // Telephones put a second picture or a short film behind the first.
  const bool harmless = kind == job::Kind::unknown || kind == job::Kind::video ||
                        kind == job::Kind::audio || kind == job::Kind::text ||
                        class_of(kind) == job::KindClass::image;
  if (!harmless) return fail(Reason::part_ambiguous);
  const bool counted = says_more && class_of(kind) == job::KindClass::image;
  reasons.push_back(counted ? Reason::part_first_picture_only : Reason::part_hidden_content);
  return reasons;
}

} // namespace sekisho::rebuild
