// How much of one text stands in another, wherever it stands there: of the forms of a mail's text, whether one may stand for
// both.  Private to rebuild.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sekisho::rebuild {

/// In runs of a few letters, digits, kana or kanji; what stands between them, and links, do not count.
struct Share {
  std::size_t runs = 0, found = 0;
  bool is_most() const { return found * 4 >= runs * 3; }
  /// Beside a word or two.
  bool is_all() const { return runs - found <= 44 && (runs - found) * 16 <= runs; }
};

/// Of `text`, in `other`.  Linear in both, in bounded memory; of long texts a sample is compared.
Share share_found(std::string_view text, std::string_view other);

/// Whether all numbers of `text` (of two digits or more, in whatever digits) stand in `other`: an amount, a date, an account.
bool has_all_numbers(std::string_view text, std::string_view other);

/// Whether all that `text` says is to look at the other form of the mail: short, about HTML or the web, without a number.
bool is_hint(std::string_view text);

/// What html_to_text() made, without the lines that only say that a picture stands there: a form that has none reads on there.
std::string without_picture_lines(std::string_view page);

/// Whether what html_to_text() made says more than a word or two that `plain` does not: words, numbers, that some are struck
/// out, a link whose host is not named there.
bool adds_something(std::string_view page, std::string_view plain);

/// Whether nearly all words of a page stand in `plain` too, in the same order, hidden ones or not: then the page need not be
/// converted to know that it says no more.  Much faster than that; who is in doubt gets false.
bool is_same_at_sight(std::string_view html, std::string_view plain);

} // namespace sekisho::rebuild
