// The text of a page as the engine finds it, with its places, for the invisible layer.
#pragma once

#include "sanitizer/rebuild/pdf/actual_text.hh"
#include "sanitizer/rebuild/pdf/page_annotations.hh"
#include "sanitizer/rebuild/pdf/page_sight.hh"
#include "sanitizer/rebuild/pdf/pdfium.hh"
#include "sanitizer/rebuild/pdf/text_layer.hh"

namespace sekisho::rebuild {

/// `width`, `height`: of the page as shown, in points.  Empty where the engine finds no text.
///
/// What the layer does not promise: that its text is what the picture shows.  The original may map
/// its glyphs to other characters, or carry text in white or behind a picture; that text is still
/// only text here, cleaned like a mail's.  Nor does it promise order across columns (the engine's
/// is kept), exact places inside a run, or text upside down or at an angle as one line.
///
/// Left out is what nobody sees: text in the invisible mode that stands on no picture (a scan has its words so), text
/// beside the page; `hidden` is set where there was any.  The annotations that the page shows stand among it.
std::vector<TextRun> read_text(const pdfium::Engine &engine, pdfium::Page page, double width,
                               double height, const PageAnnotations &annotations = {}, bool *hidden = nullptr);

/// Not cleaned.
struct PlainPage {
  std::string text;     // lines as the engine sees them, values of fields in their places; then the remarks
  bool hidden = false;  // text that nobody sees was left out
  bool remarks = false; // there are some
  bool cut = false;     // annotations were left out
  bool ambiguous = false; // the value of one, or the words said for some text, are not what is drawn; both are there
  bool pictures = false;  // of annotations, without words
  bool undrawn = false;   // there are annotations without a drawing and words; they may cover others
};
/// What is not seen is left out: the page is drawn for that, with and without its text.  The words of a picture (a scan
/// has them in the invisible mode, or behind it) are kept, and a line before them says so.  Nothing where the page
/// cannot be drawn.  `others` stand behind what is drawn; `layers`: some may be off.
std::optional<PlainPage> plain_text_of(const pdfium::Engine &engine, pdfium::Page page,
                                       const PageAnnotations &annotations, const std::vector<OtherWords> &others,
                                       const PageSight::Draw &draw, bool layers = false);

} // namespace sekisho::rebuild
