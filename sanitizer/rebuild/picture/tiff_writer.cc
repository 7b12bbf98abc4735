#include "sanitizer/rebuild/picture/tiff_writer.hh"

#include <array>

namespace sekisho::rebuild {
namespace {

enum Type : std::uint16_t { short_type = 3, long_type = 4, rational_type = 5 };
enum Photometric : std::uint32_t { white_is_zero = 0, black_is_zero = 1, rgb = 2, ycbcr = 6 };

class TiffOctets {
public:
  std::uint32_t size() const { return static_cast<std::uint32_t>(octets_.size()); }
  bool fits() const { return octets_.size() < 0xf0000000; }
  void put(std::uint64_t value, unsigned octets) { // the lowest first
    for (unsigned i = 0; i < octets; ++i)
      octets_.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
  }
  void put(Bytes bytes) { octets_.insert(octets_.end(), bytes.begin(), bytes.end()); }
  void put_at(std::size_t place, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i)
      octets_[place + i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
  }
  void make_even() {
    if (octets_.size() % 2 != 0) octets_.push_back(std::byte{0});
  }
  Buffer take() { return std::move(octets_); }

private:
  Buffer octets_;
};

/// A directory's entries, in rising order of their tags.
class Directory {
public:
  void add(std::uint16_t tag, Type type, std::uint32_t value, std::uint32_t count = 1) {
    entries_.put(tag, 2), entries_.put(type, 2), entries_.put(count, 4), entries_.put(value, 4);
    ++count_;
  }
  /// Where the offset of the next directory stands.
  std::size_t write_to(TiffOctets &out) {
    out.put(count_, 2);
    out.put(entries_.take());
    out.put(0, 4);
    return out.size() - 4;
  }

private:
  TiffOctets entries_;
  unsigned count_ = 0;
};

Photometric photometric_of(const TiffPage &page) {
  if (page.coding == TiffPage::Coding::group4) return white_is_zero;
  if (page.channels <= 2) return black_is_zero;
  return page.coding == TiffPage::Coding::jpeg ? ycbcr : rgb;
}

/// Returns where the offset of the next directory stands.
std::size_t put_page(TiffOctets &out, std::size_t next, const TiffPage &page) {
  const std::uint32_t strip = out.size();
  out.put(page.strip);
  out.make_even();
  const std::uint32_t depths = out.size();
  if (page.channels > 2)
    for (std::uint32_t i = 0; i < page.channels; ++i)
      out.put(8, 2);
  const std::uint32_t resolutions = out.size();
  const bool known = page.across > 0 && page.down > 0;
  for (std::uint32_t dots : {page.across, page.down})
    out.put(known ? dots : 1, 4), out.put(1, 4);
  out.put_at(next, out.size());

  const bool two_tones = page.coding == TiffPage::Coding::group4;
  const bool alpha = page.channels % 2 == 0;
  Directory directory;
  directory.add(256, long_type, page.width);
  directory.add(257, long_type, page.height);
  directory.add(258, short_type,
                two_tones            ? 1
                : page.channels == 2 ? 0x00080008
                : page.channels > 2  ? depths
                                     : 8,
                page.channels);
  directory.add(259, short_type, static_cast<std::uint32_t>(page.coding));
  directory.add(262, short_type, photometric_of(page));
  directory.add(273, long_type, strip);
  directory.add(277, short_type, page.channels);
  directory.add(278, long_type, page.height);
  directory.add(279, long_type, static_cast<std::uint32_t>(page.strip.size()));
  directory.add(282, rational_type, resolutions);
  directory.add(283, rational_type, resolutions + 8);
  directory.add(284, short_type, 1);
  directory.add(296, short_type, known ? 2 : 1);
  if (page.coding == TiffPage::Coding::deflated) directory.add(317, short_type, 2);
  if (alpha) directory.add(338, short_type, 1);
  if (photometric_of(page) == ycbcr) directory.add(530, short_type, 0x00020002, 2);
  return directory.write_to(out);
}

} // namespace

Buffer write_tiff(const std::vector<TiffPage> &pages) {
  TiffOctets out;
  out.put(as_bytes(std::string_view("II*\0\0\0\0\0", 8)));
  std::size_t next = 4;
  for (const TiffPage &page : pages) {
    next = put_page(out, next, page);
    if (!out.fits()) return {};
  }
  return out.take();
}

} // namespace sekisho::rebuild
