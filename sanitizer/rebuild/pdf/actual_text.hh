// Words that a file gives for what it draws: ISO 32000-1 §14.9.4, ActualText.
#pragma once

#include "sanitizer/rebuild/pdf/pdfium.hh"

#include <string>
#include <vector>

namespace sekisho::rebuild {

/// UTF-8, not cleaned.
struct OtherWords {
  std::string drawn, said;
  pdfium::Rectangle place; // of the last that is drawn
};

struct OthersOfPage {
  std::vector<OtherWords> words; // in its order
  bool all_compared = true;      // false: there are too many
};

/// Those that say something else than what is drawn.  They are taken off `page`, and so are those that were not compared: what is
/// drawn is its text then.  Ligatures, soft hyphens and forms of one character are no difference, nor is what has no characters itself.
OthersOfPage take_other_words(const pdfium::Engine &engine, pdfium::Document document, int index, pdfium::Page page);

} // namespace sekisho::rebuild
