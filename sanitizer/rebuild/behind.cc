#include "sanitizer/rebuild/behind.hh"

#include "sanitizer/detect/detect.hh"

#include <algorithm>

namespace sekisho::rebuild {

Result<std::vector<Reason>, Reason> reencoded(Bytes untrusted_behind) {
  std::vector<Reason> reasons{Reason::part_reencoded};
  const bool padding = std::all_of(untrusted_behind.begin(), untrusted_behind.end(),
                                   [](std::byte octet) { return octet == std::byte{0}; });
  if (padding) return reasons;
  const job::Kind kind = detect::kind_of(untrusted_behind);
  // Telephones put a second picture or a short film behind the first.
  const bool harmless = kind == job::Kind::unknown || kind == job::Kind::video ||
                        kind == job::Kind::audio || kind == job::Kind::text ||
                        class_of(kind) == job::KindClass::image;
  if (!harmless) return fail(Reason::part_ambiguous);
  reasons.push_back(Reason::part_hidden_content);
  return reasons;
}

} // namespace sekisho::rebuild
