// What readers draw by its entries where the file has no drawing of it, and the engine does not: lines, polygons and boxes of
// text.  ISO 32000-1 §12.5.6.6, §12.5.6.7, §12.5.6.9
#pragma once

#include "sanitizer/rebuild/pdf/page_annotations.hh"

#include <string_view>

namespace sekisho::rebuild {

/// Of one document, which outlives it.
class Appearances {
public:
  Appearances(const pdfium::Engine &engine, pdfium::Document document) : engine_(engine), document_(document) {}
  Appearances(const Appearances &) = delete;
  ~Appearances();

  /// From now on `page` is drawn with them.  Those of which all is drawn are undrawn no longer.
  void give(pdfium::Page page, PageAnnotations &annotations);

private:
  bool put_lines(pdfium::Annotation annotation, int type);
  bool put_text(pdfium::Annotation annotation, std::string_view entry, const PageAnnotations::Shown &text);
  std::string outline_of(char32_t character);
  pdfium::Font font();

  const pdfium::Engine &engine_;
  pdfium::Document document_;
  pdfium::Font font_ = nullptr;
  std::string missing_; // the outline of a character that it does not have
  std::string content_;
  std::size_t room_ = 0; // characters and corners
};

} // namespace sekisho::rebuild
