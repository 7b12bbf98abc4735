#include "sanitizer/rebuild/pdf/pdf_writer.hh"

#include "base/check.hh"
#include "sanitizer/rebuild/deflate.hh"

#include <fmt/format.h>

namespace sekisho::rebuild {
namespace {

// What all pages share is written last but comes first in number, so that a page can be written as
// soon as it is drawn.
constexpr std::size_t first_page_object = 7, objects_a_page = 3;

// A font that no reader has and none draws.  ISO 32000-1 §9.7.
constexpr std::string_view font_objects[] = {
    "3 0 obj\n<</Type/Font/Subtype/Type0/BaseFont/Invisible/Encoding/Identity-H"
    "/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>\nendobj\n",
    "4 0 obj\n<</Type/Font/Subtype/CIDFontType2/BaseFont/Invisible/CIDToGIDMap/Identity/DW 1000"
    "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 5 0 R>>\n"
    "endobj\n",
    "5 0 obj\n<</Type/FontDescriptor/FontName/Invisible/Flags 4/FontBBox[0 -120 1000 880]"
    "/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>\nendobj\n",
};

/// At most two decimals, none that are zero: 595.28, 595.3, 595.
std::string points(std::uint32_t hundredths) {
  const std::uint32_t whole = hundredths / 100, rest = hundredths % 100;
  if (rest == 0) return fmt::format("{}", whole);
  return rest % 10 == 0 ? fmt::format("{}.{}", whole, rest / 10)
                        : fmt::format("{}.{:02}", whole, rest);
}

std::string colour_space(const PagePicture &picture) {
  switch (picture.coding) {
  case PagePicture::Coding::rgb_jpeg: return "/DeviceRGB";
  case PagePicture::Coding::palette_flate:
    return fmt::format("[/Indexed/DeviceRGB {}<{}>]", picture.palette.size() / 3 - 1,
                       to_hex(picture.palette));
  default: return "/DeviceGray";
  }
}

std::string filter(const PagePicture &picture) {
  switch (picture.coding) {
  case PagePicture::Coding::gray_jpeg:
  case PagePicture::Coding::rgb_jpeg: return "/DCTDecode";
  case PagePicture::Coding::group4: // ISO 32000-1 §7.4.6; Rows is the picture's Height
    return fmt::format("/CCITTFaxDecode/DecodeParms<</K -1/Columns {}>>", picture.width);
  default: return "/FlateDecode";
  }
}

} // namespace

PdfWriter::PdfWriter() {
  put("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
}

void PdfWriter::put(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  text_.insert(text_.end(), bytes.begin(), bytes.end());
}

void PdfWriter::begin_object() {
  offsets_.push_back(text_.size());
  put(fmt::format("{} 0 obj\n", first_page_object + offsets_.size() - 1));
}

bool PdfWriter::add_page(const PrintedPage &printed) {
  const PagePicture &picture = printed.picture;
  const std::size_t page = first_page_object + objects_a_page * pages_++;
  const std::string w = points(printed.width), h = points(printed.height);
  const std::string drawing = fmt::format("q {} 0 0 {} 0 0 cm /I Do Q\n", w, h);
  const std::string letters = layer_.draw(printed.text);
  Buffer packed;
  if (!letters.empty()) {
    packed = deflate(as_bytes(drawing + letters), 6);
    if (packed.empty()) return false;
  }
  begin_object();
  put(fmt::format("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/Contents {} 0 R"
                  "/Resources<</XObject<</I {} 0 R>>{}>>>>\nendobj\n",
                  w, h, page + 1, page + 2, letters.empty() ? "" : "/Font<</T 3 0 R>>"));
  begin_object();
  if (letters.empty()) {
    put(fmt::format("<</Length {}>>\nstream\n{}endstream\nendobj\n", drawing.size(), drawing));
  } else {
    put(fmt::format("<</Filter/FlateDecode/Length {}>>\nstream\n", packed.size()));
    put(as_chars(packed));
    put("\nendstream\nendobj\n");
  }
  begin_object();
  put(fmt::format("<</Type/XObject/Subtype/Image/Width {}/Height {}/ColorSpace{}"
                  "/BitsPerComponent {}/Filter{}/Length {}>>\nstream\n",
                  picture.width, picture.height, colour_space(picture), picture.bits,
                  filter(picture), picture.data.size()));
  text_.insert(text_.end(), picture.data.begin(), picture.data.end());
  put("\nendstream\nendobj\n");
  return true;
}

void PdfWriter::put_font(std::vector<std::size_t> &offsets) {
  for (std::string_view object : font_objects) {
    offsets.push_back(text_.size());
    put(object);
  }
  const std::string map = layer_.to_unicode();
  offsets.push_back(text_.size());
  put(fmt::format("6 0 obj\n<</Length {}>>\nstream\n{}endstream\nendobj\n", map.size(), map));
}

Buffer PdfWriter::finish() {
  CHECK(pages_ > 0);
  std::vector<std::size_t> offsets = {text_.size()};
  put("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
  offsets.push_back(text_.size());
  put(fmt::format("2 0 obj\n<</Type/Pages/Count {}/Kids[", pages_));
  for (std::size_t page = 0; page < pages_; ++page)
    put(fmt::format("{}{} 0 R", page > 0 ? " " : "", first_page_object + objects_a_page * page));
  put("]>>\nendobj\n");
  put_font(offsets);
  offsets.insert(offsets.end(), offsets_.begin(), offsets_.end());
  const std::size_t table = text_.size();
  put(fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets.size() + 1));
  for (std::size_t offset : offsets)
    put(fmt::format("{:010} 00000 n \n", offset));
  put(fmt::format("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n", offsets.size() + 1,
                  table));
  return std::move(text_);
}

} // namespace sekisho::rebuild
