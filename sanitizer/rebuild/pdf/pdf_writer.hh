// The only PDF that this program writes: one picture a page and its text behind it, the same
// objects in the same order, no date, no producer, no metadata.  sanitizer/verify/pdf.cc reads
// exactly this and nothing more.
//
//   1 catalog, 2 page tree, 3–5 the font of the text, 6 its ToUnicode map, then for each page:
//   page, contents ("draw the picture", invisible text), picture
#pragma once

#include "base/bytes.hh"
#include "sanitizer/rebuild/pdf/text_layer.hh"

#include <cstdint>
#include <string>
#include <vector>

namespace sekisho::rebuild {

struct PagePicture {
  enum class Coding : std::uint8_t { gray_flate, palette_flate, gray_jpeg, rgb_jpeg, group4 };
  std::uint32_t width = 0, height = 0; // pixels
  Coding coding = Coding::gray_flate;
  unsigned bits = 8; // a sample: 1, 4 or 8
  Buffer palette;    // RGB triples
  Buffer data;       // as the coding says
  bool blank = false; // white all over
};
constexpr std::size_t page_coding_count = 5;

/// All that a page of the new PDF is.
struct PrintedPage {
  std::uint32_t width = 0, height = 0; // 1/100 point (1/7200 inch), 100–1440000
  bool readable = true;                // false: a white page for one that could not be read
  bool remarks = false, hidden = false; // it has remarks whose text it does not show; text that nobody sees
  bool gaps = false; // characters that the picture lacks
  bool undrawn = false; // annotations that it lacks
  PagePicture picture;
  std::vector<TextRun> text;
};

class PdfWriter {
public:
  PdfWriter();
  /// False when there is no memory.
  bool add_page(const PrintedPage &page);
  /// All octets so far; they stay as they are, more follow.
  Bytes written() const { return text_; }
  /// The whole file; at least one page must have been added.
  Buffer finish();

private:
  void begin_object();
  void put_font(std::vector<std::size_t> &offsets);
  void put(std::string_view text);

  Buffer text_;
  std::vector<std::size_t> offsets_; // of the pages' objects
  std::size_t pages_ = 0;
  TextLayer layer_;
};

} // namespace sekisho::rebuild
