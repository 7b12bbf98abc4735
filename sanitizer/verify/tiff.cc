// TIFF 6.0, the lowest octet first: for each page its strip, the values that do not fit into its
// directory, the directory; in this order, without a gap, nothing else.
#include "sanitizer/verify/files.hh"

#include <optional>

namespace sekisho::verify {
namespace {

enum Type : std::uint16_t { short_type = 3, long_type = 4, rational_type = 5 };
enum Coding : std::uint32_t { group4 = 4, jpeg = 7, deflated = 8 };

struct Page {
  std::uint32_t width = 0, height = 0, channels = 0, coding = 0;
  std::uint64_t pixels() const { return std::uint64_t{width} * height; }
};

class TiffFile {
public:
  explicit TiffFile(Bytes untrusted) : bytes_(untrusted) {}

  bool is_ours() {
    ByteReader header(bytes_);
    if (header.read_u32_le() != 0x002a4949) return false; // II, 42
    std::uint32_t directory = header.read_u32_le();
    std::uint64_t pixels = 0;
    for (std::uint64_t at = 8;;) {
      const std::optional<Page> page = read_page(at, directory);
      if (!page || (pixels += page->pixels()) > most_pixels) return false;
      at = end_;
      if (next_ == 0) return at == bytes_.size();
      directory = next_;
    }
  }

private:
  /// One entry of a directory, which must be this.
  std::uint32_t value(std::uint16_t tag, Type type, std::uint32_t count = 1) {
    const bool right = reader_.read_u16_le() == tag && reader_.read_u16_le() == type &&
                       reader_.read_u32_le() == count;
    ++entries_;
    failed_ = failed_ || !right;
    return reader_.read_u32_le();
  }
  void want(std::uint16_t tag, Type type, std::uint64_t wanted, std::uint32_t count = 1) {
    if (value(tag, type, count) != wanted) failed_ = true;
  }

  /// The strip begins at `at`.  Sets end_ and next_.
  std::optional<Page> read_page(std::uint64_t at, std::uint32_t directory) {
    if (directory > bytes_.size()) return {};
    reader_ = ByteReader(bytes_.subspan(directory));
    const unsigned count = reader_.read_u16_le();
    entries_ = 0;
    Page page;
    page.width = value(256, long_type), page.height = value(257, long_type);
    page.channels = peek_samples();
    if (page.channels < 1 || page.channels > 4) return {};
    const std::uint32_t depths = value(258, short_type, page.channels);
    page.coding = value(259, short_type);
    want(262, short_type, photometric_of(page));
    want(273, long_type, at);
    want(277, short_type, page.channels);
    want(278, long_type, page.height);
    const std::uint32_t size = value(279, long_type);
    const std::uint64_t behind = (at + size + 1) & ~std::uint64_t{1};
    const std::uint64_t resolutions = behind + (page.channels > 2 ? page.channels * 2 : 0);
    want(282, rational_type, resolutions);
    want(283, rational_type, resolutions + 8);
    want(284, short_type, 1);
    const std::uint32_t unit = value(296, short_type);
    if (page.coding == deflated) want(317, short_type, 2);
    if (page.channels % 2 == 0) want(338, short_type, 1);
    if (page.coding == jpeg && page.channels == 3) want(530, short_type, 0x00020002, 2);
    next_ = reader_.read_u32_le();
    end_ = directory + reader_.position();
    const std::uint32_t depth = page.coding == group4 ? 1
                                : page.channels == 1  ? 8
                                : page.channels == 2  ? 0x00080008
                                                      : static_cast<std::uint32_t>(behind);
    const bool right = !failed_ && !reader_.failed() && count == entries_ && depths == depth &&
                       directory == resolutions + 16 && has_values(behind, at + size, page, unit);
    if (!right || page.width == 0 || page.height == 0 || page.pixels() > most_pixels) return {};
    return is_strip(bytes_.subspan(at, size), page) ? std::optional(page) : std::nullopt;
  }

  /// The count of tag 258, which stands next.
  std::uint32_t peek_samples() const {
    ByteReader ahead = reader_;
    ahead.skip(4);
    return ahead.read_u32_le();
  }

  static std::uint32_t photometric_of(const Page &page) {
    if (page.coding == group4) return 0;
    return page.channels <= 2 ? 1 : page.coding == jpeg ? 6 : 2;
  }

  /// Between the strip's end and the directory: padding, depths, dots an inch as whole numbers.
  bool has_values(std::uint64_t behind, std::uint64_t strip_end, const Page &page,
                  std::uint32_t unit) const {
    if (behind > bytes_.size() || (strip_end < behind && bytes_[strip_end] != std::byte{0}))
      return false;
    ByteReader reader(bytes_.subspan(behind));
    for (std::uint32_t i = 0; page.channels > 2 && i < page.channels; ++i)
      if (reader.read_u16_le() != 8) return false;
    for (unsigned i = 0; i < 2; ++i) {
      const std::uint32_t dots = reader.read_u32_le();
      if (reader.read_u32_le() != 1) return false;
      if (unit == 1 ? dots != 1 : unit != 2 || dots == 0 || dots > 10'000) return false;
    }
    return !reader.failed();
  }

  static bool is_strip(Bytes strip, const Page &page) {
    if (page.coding == group4)
      return page.channels == 1 && is_our_fax(strip, page.width, page.height);
    if (page.coding == deflated) return unpacks_to(strip, page.pixels() * page.channels);
    if (page.coding != jpeg || page.channels % 2 == 0) return false;
    const std::optional<JpegShape> shape = our_jpeg(strip);
    return shape && shape->width == page.width && shape->height == page.height &&
           shape->components == page.channels;
  }

  Bytes bytes_;
  ByteReader reader_{Bytes{}};
  unsigned entries_ = 0;
  bool failed_ = false;
  std::uint32_t next_ = 0;
  std::uint64_t end_ = 0;
};

} // namespace

bool is_our_tiff(Bytes untrusted) {
  return TiffFile(untrusted).is_ours();
}

} // namespace sekisho::verify
