// Reads the PDF that rebuild writes, octet by octet.  Every octet is either fixed by this grammar,
// a number that must fit the rest, or inside a picture that is read by its own reader.  There is no
// place where anything else could stand: no other name, no string, no comment, no second revision.
//
//   file    = header 1*(page contents picture) catalog tree table
//   page    = N " 0 obj" … MediaBox of the size that the contents draw
//   picture = N " 0 obj" … /Length n stream, n octets, endstream
#include "sanitizer/verify/files.hh"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::verify {
namespace {

constexpr std::size_t most_pages = 100'000;

/// Takes what the grammar wants or fails for good.
class Scanner {
public:
  explicit Scanner(Bytes untrusted) : text_(as_chars(untrusted)) {}
  bool failed() const { return failed_; }
  bool at_end() const { return !failed_ && at_ == text_.size(); }
  std::size_t position() const { return at_; }

  bool sees(std::string_view literal) const { return text_.substr(at_).starts_with(literal); }
  void want(std::string_view literal) {
    if (!sees(literal)) failed_ = true;
    if (!failed_) at_ += literal.size();
  }
  void want_number(std::uint64_t number) { want(std::to_string(number)); }
  void want_reference(std::uint64_t object) { want(std::to_string(object) + " 0 R"); }
  /// Digits without a leading zero, at most ten.
  std::uint64_t number() {
    const std::string_view digits = run_of("0123456789", 10);
    std::uint64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || digits.front() == '0') failed_ = true;
    return failed_ ? 0 : value;
  }
  /// A length on paper: 1–14400 with at most two decimals.
  std::string_view points() {
    const std::size_t start = at_;
    const std::uint64_t whole = number();
    if (sees(".")) {
      want(".");
      const std::string_view decimals = run_of("0123456789", 2);
      if (decimals.empty() || decimals.back() == '0') failed_ = true;
    }
    if (whole > 14400) failed_ = true;
    return failed_ ? std::string_view{} : text_.substr(start, at_ - start);
  }
  std::string_view hex(std::size_t digits) {
    const std::string_view found = run_of("0123456789abcdef", digits);
    if (found.size() != digits) failed_ = true;
    return found;
  }
  Bytes octets(std::uint64_t count) {
    if (failed_ || count > text_.size() - at_) {
      failed_ = true;
      return {};
    }
    const std::string_view taken = text_.substr(at_, count);
    at_ += count;
    return as_bytes(taken);
  }
  void fail() { failed_ = true; }

private:
  std::string_view run_of(std::string_view alphabet, std::size_t most) {
    const std::string_view rest = text_.substr(at_, most);
    const std::size_t count = std::min(rest.find_first_not_of(alphabet), rest.size());
    at_ += count;
    return rest.substr(0, count);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

struct Picture {
  std::uint64_t width = 0, height = 0, bits = 0, colours = 0;
  enum class Space { gray, rgb, palette } space = Space::gray;
  bool jpeg = false;
};

bool holds_picture(const Picture &picture, Bytes data) {
  if (picture.jpeg) {
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
  picture.jpeg = scanner.sees("/Filter/DCTDecode");
  scanner.want(picture.jpeg ? "/Filter/DCTDecode" : "/Filter/FlateDecode");
  scanner.want("/Length ");
  const std::uint64_t length = scanner.number();
  scanner.want(">>\nstream\n");
  const Bytes data = scanner.octets(length);
  scanner.want("\nendstream\nendobj\n");
  if (scanner.failed() || !holds_picture(picture, data)) scanner.fail();
}

/// Notes where each object begins, to be compared with the table at the end.
class Objects {
public:
  void begin(Scanner &scanner, std::uint64_t number) {
    offsets_.resize(std::max<std::size_t>(offsets_.size(), number + 1));
    offsets_[number] = scanner.position();
    scanner.want_number(number);
    scanner.want(" 0 obj\n");
  }
  const std::vector<std::size_t> &offsets() const { return offsets_; }

private:
  std::vector<std::size_t> offsets_;
};

void read_page(Scanner &scanner, Objects &objects, std::uint64_t number) {
  objects.begin(scanner, number);
  scanner.want("<</Type/Page/Parent 2 0 R/MediaBox[0 0 ");
  const std::string width(scanner.points());
  scanner.want(" ");
  const std::string height(scanner.points());
  scanner.want("]/Contents ");
  scanner.want_reference(number + 1);
  scanner.want("/Resources<</XObject<</I ");
  scanner.want_reference(number + 2);
  scanner.want(">>>>>>\nendobj\n");

  const std::string drawing = "q " + width + " 0 0 " + height + " 0 0 cm /I Do Q\n";
  objects.begin(scanner, number + 1);
  scanner.want("<</Length ");
  scanner.want_number(drawing.size());
  scanner.want(">>\nstream\n" + drawing + "endstream\nendobj\n");

  objects.begin(scanner, number + 2);
  read_picture(scanner);
}

void read_tree(Scanner &scanner, Objects &objects, std::uint64_t pages) {
  objects.begin(scanner, 1);
  scanner.want("<</Type/Catalog/Pages 2 0 R>>\nendobj\n");
  objects.begin(scanner, 2);
  scanner.want("<</Type/Pages/Count ");
  scanner.want_number(pages);
  scanner.want("/Kids[");
  for (std::uint64_t page = 0; page < pages && !scanner.failed(); ++page) {
    if (page > 0) scanner.want(" ");
    scanner.want_reference(3 + 3 * page);
  }
  scanner.want("]>>\nendobj\n");
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

bool is_our_pdf(Bytes untrusted) {
  Scanner scanner(untrusted);
  Objects objects;
  scanner.want("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n");
  std::uint64_t pages = 0;
  while (!scanner.failed() && !scanner.sees("1 0 obj\n")) {
    if (pages == most_pages) return false;
    read_page(scanner, objects, 3 + 3 * pages++);
  }
  if (scanner.failed() || pages == 0) return false;
  read_tree(scanner, objects, pages);
  read_table(scanner, objects.offsets());
  return scanner.at_end();
}

} // namespace sekisho::verify
