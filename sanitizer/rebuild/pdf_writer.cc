#include "sanitizer/rebuild/pdf_writer.hh"

#include "base/check.hh"

#include <fmt/format.h>

namespace sekisho::rebuild {
namespace {

// The catalog and the page tree are written last but come first in number, so that a page can be
// written as soon as it is drawn.
constexpr std::size_t first_page_object = 3, objects_a_page = 3;

/// At most two decimals, none that are zero: 595.28, 595.3, 595.
std::string points(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0')
    text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
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

std::string_view filter(const PagePicture &picture) {
  const bool jpeg = picture.coding == PagePicture::Coding::gray_jpeg ||
                    picture.coding == PagePicture::Coding::rgb_jpeg;
  return jpeg ? "/DCTDecode" : "/FlateDecode";
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

void PdfWriter::add_page(double width, double height, const PagePicture &picture) {
  const std::size_t page = first_page_object + objects_a_page * pages_++;
  const std::string w = points(width), h = points(height);
  begin_object();
  put(fmt::format("<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/Contents {} 0 R"
                  "/Resources<</XObject<</I {} 0 R>>>>>>\nendobj\n",
                  w, h, page + 1, page + 2));
  const std::string drawing = fmt::format("q {} 0 0 {} 0 0 cm /I Do Q\n", w, h);
  begin_object();
  put(fmt::format("<</Length {}>>\nstream\n{}endstream\nendobj\n", drawing.size(), drawing));
  begin_object();
  put(fmt::format("<</Type/XObject/Subtype/Image/Width {}/Height {}/ColorSpace{}"
                  "/BitsPerComponent {}/Filter{}/Length {}>>\nstream\n",
                  picture.width, picture.height, colour_space(picture), picture.bits,
                  filter(picture), picture.data.size()));
  text_.insert(text_.end(), picture.data.begin(), picture.data.end());
  put("\nendstream\nendobj\n");
}

Buffer PdfWriter::finish() {
  CHECK(pages_ > 0);
  const std::size_t catalog = text_.size();
  put("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
  const std::size_t tree = text_.size();
  put(fmt::format("2 0 obj\n<</Type/Pages/Count {}/Kids[", pages_));
  for (std::size_t page = 0; page < pages_; ++page)
    put(fmt::format("{}{} 0 R", page > 0 ? " " : "", first_page_object + objects_a_page * page));
  put("]>>\nendobj\n");
  const std::size_t table = text_.size();
  put(fmt::format("xref\n0 {}\n0000000000 65535 f \n{:010} 00000 n \n{:010} 00000 n \n",
                  offsets_.size() + first_page_object, catalog, tree));
  for (std::size_t offset : offsets_)
    put(fmt::format("{:010} 00000 n \n", offset));
  put(fmt::format("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n",
                  offsets_.size() + first_page_object, table));
  return std::move(text_);
}

} // namespace sekisho::rebuild
