// What was written onto a page: fields that were filled in, text in boxes, remarks.  ISO 32000-1 §12.5, §12.7.
#pragma once

#include "sanitizer/rebuild/pdf/pdfium.hh"

#include <string>
#include <vector>

namespace sekisho::rebuild {

constexpr int most_annotations_of_page = 500;
constexpr std::size_t most_annotated = 256u << 10; // octets of all texts of a page, as the engine has them

/// Texts are UTF-8, not cleaned.
struct PageAnnotations {
  struct Shown {
    std::string name; // of a field, may be empty
    std::string text; // a value; of a box to be ticked ☑ or ☐
    std::string value; // where other words than it are drawn, which are the text then
    pdfium::Rectangle place; // in the page's own coordinates
  };
  /// One that is seen as it is drawn in the file, whatever its text.
  struct Drawn {
    int index; // on the page
    pdfium::Rectangle place;
    std::size_t shown;     // which of those; as many as there are: none
    bool picture = false;  // it is one where it draws no words: a stamp, a signature
    bool field = false;
  };
  std::vector<Drawn> drawn;
  std::vector<Shown> shown;         // what the page shows as it is drawn
  std::vector<std::string> remarks; // with the name of who made them; it shows a mark at most
  bool hidden = false;              // there are some with a text that is not to be shown
  bool cut = false;                 // there is more than is read
  bool ambiguous = false;           // the value of one is not what it draws
  bool pictures = false;            // some draw no words
  /// One that readers draw by its entries, since the file has no drawing of it, and the engine does not.
  struct Undrawn {
    int index, type;
    std::size_t shown; // as of Drawn
    std::string look;  // DA
  };
  std::vector<Undrawn> undrawn;
};

/// `form` may be null.
PageAnnotations read_annotations(const pdfium::Engine &engine, pdfium::Form form, pdfium::Page page);

/// Reads the words that `annotations` of `page` draw, into what is shown.  `document`: another one of the same file, with
/// no form; its page is changed.  `redrawn`: readers draw fields by their values (NeedAppearances), so one may be stored blank.
void read_drawn(const pdfium::Engine &engine, pdfium::Document document, int index, pdfium::Page page, bool redrawn,
                PageAnnotations &annotations);

} // namespace sekisho::rebuild
