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
    pdfium::Rectangle place; // in the page's own coordinates
  };
  std::vector<Shown> shown;         // what the page shows as it is drawn
  std::vector<std::string> remarks; // with the name of who made them; it shows a mark at most
  bool hidden = false;              // there are some with a text that is not to be shown
  bool cut = false;                 // there is more than is read
};

/// `form` may be null.
PageAnnotations read_annotations(const pdfium::Engine &engine, pdfium::Form form, pdfium::Page page);

} // namespace sekisho::rebuild
