// How much of one text stands in another, wherever it stands there: of the forms of a mail's text, whether one may stand for
// both.  Private to rebuild.
#pragma once

#include <cstddef>
#include <string_view>

namespace sekisho::rebuild {

/// In runs of a few letters, digits, kana or kanji; what stands between them, links and names of pictures do not count.
struct Share {
  std::size_t runs = 0, found = 0;
  bool is_most() const { return found * 4 >= runs * 3; }
};

/// Of `text`, in `other`.  Linear in both, in bounded memory; of long texts a sample is compared.
Share share_found(std::string_view text, std::string_view other);

/// Whether nearly all words of a page stand in `plain` too, in the same order, hidden ones or not: then the page need not be
/// converted to know that it says no more.  Much faster than that; who is in doubt gets false.
bool is_same_at_sight(std::string_view html, std::string_view plain);

} // namespace sekisho::rebuild
