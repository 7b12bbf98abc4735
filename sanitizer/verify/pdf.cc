// Reads the PDF that rebuild writes, octet by octet.  Every octet is either fixed by this grammar,
// a number that must fit the rest, or inside a picture that is read by its own reader.  There is no
// place where anything else could stand: no other name, no string, no comment, no second revision.
//
// Pages can be read while more are still being written (pdf_reading.hh).
//
//   file    = header 1*(page contents picture) catalog tree font table
//   page    = N " 0 obj" … MediaBox of the size that the contents draw
//   contents = the picture, then at most one invisible text (pdf_text.cc)
//   picture = N " 0 obj" … /Length n stream, n octets, endstream
#include "base/clock.hh"
#include "sanitizer/verify/files.hh"
#include "sanitizer/verify/pdf_reading.hh"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::verify {
namespace {

constexpr std::size_t most_pages = 100'000;
constexpr std::uint64_t first_page_object = 7;
constexpr std::size_t most_contents = 4u << 20; // octets of a page's operators, unpacked

struct Picture {
  std::uint64_t width = 0, height = 0, bits = 0, colours = 0;
  enum class Space { gray, rgb, palette } space = Space::gray;
  enum class Filter { flate, jpeg, fax } filter = Filter::flate;
};

bool holds_picture(const Picture &picture, Bytes data) {
  if (picture.filter == Picture::Filter::fax)
    return picture.space == Picture::Space::gray && picture.bits == 1 &&
           is_our_fax(data, static_cast<std::uint32_t>(picture.width),
                      static_cast<std::uint32_t>(picture.height));
  if (picture.filter == Picture::Filter::jpeg) {
    const std::optional<JpegShape> shape = our_jpeg(data);
    const unsigned components = picture.space == Picture::Space::rgb ? 3 : 1;
    return shape && picture.space != Picture::Space::palette && picture.bits == 8 &&
           shape->width == picture.width && shape->height == picture.height &&
           shape->components == components;
  }
  if (picture.space == Picture::Space::rgb) return false;
  if (picture.bits != 1 && picture.bits != 4 && picture.bits != 8) return false;
  if (picture.colours > std::uint64_t{1} << picture.bits) return false;
  const std::uint64_t row = (picture.width * picture.bits + 7) / 8;
  return unpacks_to(data, row * picture.height);
}

void read_colour_space(Scanner &scanner, Picture &picture) {
  if (scanner.sees("[/Indexed")) {
    picture.space = Picture::Space::palette;
    scanner.want("[/Indexed/DeviceRGB ");
    // One colour alone would have index 0, but then the page is gray or its number has no leading
    // zero.
    if (scanner.sees("0<")) {
      scanner.want("0");
      picture.colours = 1;
    } else {
      picture.colours = scanner.number() + 1;
    }
    if (picture.colours > 256) scanner.fail();
    scanner.want("<");
    if (!scanner.failed()) (void)scanner.hex(picture.colours * 6);
    scanner.want(">]");
  } else if (scanner.sees("/DeviceRGB")) {
    picture.space = Picture::Space::rgb;
    scanner.want("/DeviceRGB");
  } else {
    scanner.want("/DeviceGray");
  }
}

void read_filter(Scanner &scanner, Picture &picture) {
  scanner.want("/Filter");
  if (scanner.sees("/DCTDecode")) {
    picture.filter = Picture::Filter::jpeg;
    scanner.want("/DCTDecode");
  } else if (scanner.sees("/CCITTFaxDecode")) {
    picture.filter = Picture::Filter::fax;
    scanner.want("/CCITTFaxDecode/DecodeParms<</K -1/Columns ");
    scanner.want_number(picture.width);
    scanner.want(">>");
  } else {
    scanner.want("/FlateDecode");
  }
}

void read_picture(Scanner &scanner) {
  Picture picture;
  scanner.want("<</Type/XObject/Subtype/Image/Width ");
  picture.width = scanner.number();
  scanner.want("/Height ");
  picture.height = scanner.number();
  if (picture.width > 65535 || picture.height > 65535 ||
      picture.width * picture.height > most_pixels)
    scanner.fail();
  scanner.want("/ColorSpace");
  read_colour_space(scanner, picture);
  scanner.want("/BitsPerComponent ");
  picture.bits = scanner.number();
  read_filter(scanner, picture);
  scanner.want("/Length ");
  const std::uint64_t length = scanner.number();
  scanner.want(">>\nstream\n");
  const Bytes data = scanner.octets(length);
  scanner.want("\nendstream\nendobj\n");
  if (scanner.failed() || !holds_picture(picture, data)) scanner.fail();
}

/// The contents of a page with text: all of it must be what we draw.
void read_packed_contents(Scanner &scanner, const std::string &drawing, std::uint64_t width,
                          std::uint64_t height, PdfText &text) {
  scanner.want("<</Filter/FlateDecode/Length ");
  const std::uint64_t length = scanner.number();
  scanner.want(">>\nstream\n");
  const Bytes packed = scanner.octets(length);
  scanner.want("\nendstream\nendobj\n");
  if (scanner.failed()) return;
  const std::optional<Buffer> contents = unpacked(packed, most_contents);
  if (!contents) return scanner.fail();
  Scanner inner(*contents);
  inner.want(drawing);
  text.read(inner, width, height);
  if (!inner.at_end()) scanner.fail();
}

/// "595.28" to 59528.
std::uint64_t hundredths(std::string_view points) {
  std::string digits(points.substr(0, points.find('.')));
  const std::string_view decimals = points.substr(std::min(digits.size() + 1, points.size()));
  digits += decimals;
  digits.append(2 - decimals.size(), '0');
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

void read_page(Scanner &scanner, PdfObjects &objects, PdfText &text, std::uint64_t number) {
  objects.begin(scanner, number);
  scanner.want("<</Type/Page/Parent 2 0 R/MediaBox[0 0 ");
  const std::string width(scanner.points());
  scanner.want(" ");
  const std::string height(scanner.points());
  scanner.want("]/Contents ");
  scanner.want_reference(number + 1);
  scanner.want("/Resources<</XObject<</I ");
  scanner.want_reference(number + 2);
  const bool has_text = scanner.sees(">>/Font");
  scanner.want(has_text ? ">>/Font<</T 3 0 R>>>>>>\nendobj\n" : ">>>>>>\nendobj\n");
  if (scanner.failed()) return;

  const std::string drawing = "q " + width + " 0 0 " + height + " 0 0 cm /I Do Q\n";
  objects.begin(scanner, number + 1);
  if (has_text) {
    read_packed_contents(scanner, drawing, hundredths(width), hundredths(height), text);
  } else {
    scanner.want("<</Length ");
    scanner.want_number(drawing.size());
    scanner.want(">>\nstream\n" + drawing + "endstream\nendobj\n");
  }

  objects.begin(scanner, number + 2);
  read_picture(scanner);
}

void read_tree(Scanner &scanner, PdfObjects &objects, std::uint64_t pages) {
  objects.begin(scanner, 1);
  scanner.want("<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
  objects.begin(scanner, 2);
  scanner.want("<</Type/Pages/Count ");
  scanner.want_number(pages);
  scanner.want("/Kids[");
  for (std::uint64_t page = 0; page < pages && !scanner.failed(); ++page) {
    if (page > 0) scanner.want(" ");
    scanner.want_reference(first_page_object + 3 * page);
  }
  scanner.want("]>>\nendobj\n");
}

/// Always the same; only the map at its end depends on the text.
void read_font(Scanner &scanner, PdfObjects &objects, PdfText &text) {
  objects.begin(scanner, 3);
  scanner.want("<</Type/Font/Subtype/Type0/BaseFont/Invisible/Encoding/Identity-H"
               "/DescendantFonts[4 0 R]/ToUnicode 6 0 R>>\nendobj\n");
  objects.begin(scanner, 4);
  scanner.want("<</Type/Font/Subtype/CIDFontType2/BaseFont/Invisible/CIDToGIDMap/Identity/DW 1000"
               "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
               "/FontDescriptor 5 0 R>>\nendobj\n");
  objects.begin(scanner, 5);
  scanner.want("<</Type/FontDescriptor/FontName/Invisible/Flags 4/FontBBox[0 -120 1000 880]"
               "/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 80>>\nendobj\n");
  objects.begin(scanner, 6);
  scanner.want("<</Length ");
  const std::uint64_t length = scanner.number();
  scanner.want(">>\nstream\n");
  const std::size_t start = scanner.position();
  text.read_map(scanner);
  if (scanner.position() - start != length) scanner.fail();
  scanner.want("endstream\nendobj\n");
}

void read_table(Scanner &scanner, const std::vector<std::size_t> &offsets) {
  const std::size_t start = scanner.position();
  scanner.want("xref\n0 ");
  scanner.want_number(offsets.size());
  scanner.want("\n0000000000 65535 f \n");
  for (std::size_t i = 1; i < offsets.size() && !scanner.failed(); ++i) {
    const std::string digits = std::to_string(offsets[i]);
    if (digits.size() > 10) return scanner.fail();
    scanner.want(std::string(10 - digits.size(), '0') + digits + " 00000 n \n");
  }
  scanner.want("trailer\n<</Size ");
  scanner.want_number(offsets.size());
  scanner.want("/Root 1 0 R>>\nstartxref\n");
  scanner.want_number(start);
  scanner.want("\n%%EOF\n");
}

} // namespace

void PdfObjects::begin(Scanner &scanner, std::uint64_t number) {
  offsets_.resize(std::max<std::size_t>(offsets_.size(), number + 1));
  offsets_[number] = scanner.position();
  scanner.want_number(number);
  scanner.want(" 0 obj\n");
}

bool PdfReading::read_page(Bytes so_far) {
  if (failed_ || position_ > so_far.size() || pages_ == most_pages) return !(failed_ = true);
  Scanner scanner(so_far, position_);
  if (pages_ == 0) scanner.want("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
  sekisho::verify::read_page(scanner, objects_, text_, first_page_object + 3 * pages_++);
  position_ = scanner.position();
  failed_ = scanner.failed();
  return !failed_;
}

bool PdfReading::read_end(Bytes whole) {
  if (failed_ || position_ > whole.size() || pages_ == 0) return false;
  Scanner scanner(whole, position_);
  read_tree(scanner, objects_, pages_);
  read_font(scanner, objects_, text_);
  read_table(scanner, objects_.offsets());
  return scanner.at_end();
}

bool is_our_pdf(Bytes untrusted, Deadline deadline, std::string *text) {
  PdfReading reading(text != nullptr);
  do {
    if (monotonic_ns() >= deadline || !reading.read_page(untrusted)) return false;
  } while (!reading.at_tree(untrusted));
  if (!reading.read_end(untrusted)) return false;
  if (text) *text = reading.text();
  return true;
}

} // namespace sekisho::verify
