#include "sanitizer/rebuild/picture/gif_writer.hh"

#include <algorithm>

namespace sekisho::rebuild {
namespace {

constexpr unsigned most_codes = 4096, most_width = 12; // GIF89a appendix F
constexpr std::size_t most_of_a_block = 255;

class GifOctets {
public:
  void put(unsigned octet) { octets_.push_back(static_cast<std::byte>(octet)); }
  void put_u16(unsigned value) { put(value & 0xff), put(value >> 8); }
  void put_text(std::string_view text) {
    const Bytes octets = as_bytes(text);
    octets_.insert(octets_.end(), octets.begin(), octets.end());
  }
  void put_in_blocks(Bytes octets) {
    while (!octets.empty()) {
      const Bytes block = octets.first(std::min(octets.size(), most_of_a_block));
      put(static_cast<unsigned>(block.size()));
      octets_.insert(octets_.end(), block.begin(), block.end());
      octets = octets.subspan(block.size());
    }
    put(0);
  }
  Buffer take() { return std::move(octets_); }

private:
  Buffer octets_;
};

/// Codes of growing width, the lowest bit first.
class Codes {
public:
  explicit Codes(Buffer &out) : out_(out) {}
  void put(unsigned code, unsigned width) {
    bits_ |= std::uint64_t{code} << count_;
    count_ += width;
    if (count_ < 32) return;
    const auto four = static_cast<std::uint32_t>(bits_);
    const auto *octets = reinterpret_cast<const std::byte *>(&four);
    out_.insert(out_.end(), octets, octets + 4);
    bits_ >>= 32;
    count_ -= 32;
  }
  void end() {
    for (; count_ > 0; count_ = count_ > 8 ? count_ - 8 : 0, bits_ >>= 8)
      out_.push_back(static_cast<std::byte>(bits_ & 0xff));
  }

private:
  Buffer &out_;
  std::uint64_t bits_ = 0;
  unsigned count_ = 0;
};

/// Which code stands for a string of pixels, said as the code of all but its last and the last.
class Strings {
public:
  Strings() { clear(); }
  void clear() { places_.fill(empty); }
  /// The code, or the place where to put it.
  bool find(unsigned prefix, unsigned last, unsigned &code, std::size_t &place) const {
    const std::uint32_t key = prefix << 8 | last;
    for (place = key * 0x9e3779b1u >> (32 - bits);; place = (place + 1) & (places_.size() - 1)) {
      if (places_[place] >> 12 == key) {
        code = places_[place] & 0xfff;
        return true;
      }
      if (places_[place] == empty) return false;
    }
  }
  void put(std::size_t place, unsigned prefix, unsigned last, unsigned code) {
    places_[place] = (prefix << 8 | last) << 12 | code;
  }

private:
  static constexpr unsigned bits = 13;
  static constexpr std::uint32_t empty = 0xffffffff; // prefix 4095 and last 255 never get a code
  std::array<std::uint32_t, 1 << bits> places_;
};

/// Variable-length LZW as of GIF89a appendix F; a new table whenever the old one is full.
Buffer pack_pixels(const std::uint8_t *pixels, std::size_t count, unsigned root_bits) {
  const unsigned clear = 1u << root_bits, end = clear + 1;
  Buffer packed;
  packed.reserve(count / 2 + 64);
  Codes codes(packed);
  Strings strings;
  unsigned width = root_bits + 1, next = end + 1, prefix = pixels[0];
  codes.put(clear, width);
  for (std::size_t i = 1; i < count; ++i) {
    unsigned code = 0;
    std::size_t place = 0;
    if (strings.find(prefix, pixels[i], code, place)) {
      prefix = code;
      continue;
    }
    codes.put(prefix, width);
    if (next < most_codes) {
      if (next == 1u << width) ++width;
      strings.put(place, prefix, pixels[i], next++);
    } else {
      codes.put(clear, width);
      strings.clear();
      width = root_bits + 1;
      next = end + 1;
    }
    prefix = pixels[i];
  }
  codes.put(prefix, width);
  if (next == 1u << width && width < most_width) ++width;
  codes.put(end, width);
  codes.end();
  return packed;
}

/// Bits of an index, 1–8.
unsigned bits_for(std::size_t colours) {
  unsigned bits = 1;
  while (std::size_t{1} << bits < colours)
    ++bits;
  return bits;
}

void put_palette(GifOctets &out, const Palette &palette) {
  for (std::size_t i = 0; i < std::size_t{1} << bits_for(palette.size()); ++i) {
    const std::uint32_t colour = i < palette.size() ? palette[i] : 0;
    out.put(colour >> 16), out.put(colour >> 8 & 0xff), out.put(colour & 0xff);
  }
}

void put_frame(GifOctets &out, const GifFrame &frame, const Palette &palette) {
  out.put_text("\x21\xf9\x04"); // graphic control extension, §23
  out.put(unsigned{frame.disposal} << 2 | (frame.transparent ? 1u : 0u));
  out.put_u16(frame.delay);
  out.put(frame.transparent.value_or(0));
  out.put(0);
  out.put(0x2c); // image descriptor, §20
  out.put_u16(frame.left), out.put_u16(frame.top);
  out.put_u16(frame.width), out.put_u16(frame.height);
  out.put(frame.palette.empty() ? 0 : 0x80 | (bits_for(palette.size()) - 1));
  if (!frame.palette.empty()) put_palette(out, palette);
  const unsigned root_bits = std::max(2u, bits_for(palette.size()));
  out.put(root_bits);
  out.put_in_blocks(
      pack_pixels(frame.indices.octets(), std::size_t{frame.width} * frame.height, root_bits));
}

using Used = std::array<bool, 256>;

Used indices_of(const GifFrame &frame) {
  Used used{};
  const std::uint8_t *pixels = frame.indices.octets();
  for (std::size_t i = 0; i < std::size_t{frame.width} * frame.height; ++i)
    used[pixels[i]] = true;
  return used;
}

bool is_transparent(const GifFrame &frame, std::size_t index) {
  return frame.transparent && *frame.transparent == index;
}

void add_colours(Palette &colours, const GifFrame &frame, const Used &used, const Palette &old) {
  for (std::size_t i = 0; i < old.size(); ++i)
    if (used[i] && !is_transparent(frame, i)) colours.push_back(old[i]);
}

void sort_once(Palette &colours) {
  std::sort(colours.begin(), colours.end());
  colours.erase(std::unique(colours.begin(), colours.end()), colours.end());
}

/// The frame's pixels in the new numbers.  A place behind the colours is for the transparent ones.
void renumber(GifFrame &frame, const Used &used, const Palette &old, const Palette &colours) {
  std::array<std::uint8_t, 256> number{};
  for (std::size_t i = 0; i < old.size(); ++i)
    if (used[i])
      number[i] = static_cast<std::uint8_t>(
          is_transparent(frame, i)
              ? static_cast<std::ptrdiff_t>(colours.size())
              : std::lower_bound(colours.begin(), colours.end(), old[i]) - colours.begin());
  std::uint8_t *pixels = frame.indices.octets();
  for (std::size_t i = 0; i < std::size_t{frame.width} * frame.height; ++i)
    pixels[i] = number[pixels[i]];
  if (frame.transparent) frame.transparent = static_cast<std::uint8_t>(colours.size());
}

} // namespace

Buffer write_gif(const Animation &animation) {
  GifOctets out;
  out.put_text("GIF89a");
  out.put_u16(animation.width), out.put_u16(animation.height);
  const bool shared = !animation.palette.empty();
  out.put(shared ? 0xf0 | (bits_for(animation.palette.size()) - 1) : 0x70);
  out.put_u16(0); // background, aspect
  if (shared) put_palette(out, animation.palette);
  if (animation.loops) {
    out.put_text("\x21\xff\x0bNETSCAPE2.0\x03\x01");
    out.put_u16(*animation.loops);
    out.put(0);
  }
  for (const GifFrame &frame : animation.frames)
    put_frame(out, frame, frame.palette.empty() ? animation.palette : frame.palette);
  out.put(0x3b);
  return out.take();
}

void make_palettes_canonical(Animation &animation) {
  std::vector<Used> used;
  Palette shared;
  for (const GifFrame &frame : animation.frames) {
    used.push_back(indices_of(frame));
    if (frame.palette.empty()) add_colours(shared, frame, used.back(), animation.palette);
    if (shared.size() > 4096) sort_once(shared);
  }
  sort_once(shared);
  const Palette old_shared = std::exchange(animation.palette, {});
  bool shared_transparent = false;
  for (std::size_t i = 0; i < animation.frames.size(); ++i) {
    GifFrame &frame = animation.frames[i];
    const bool own = !frame.palette.empty() || (frame.transparent && shared.size() == 256);
    const Palette old = frame.palette.empty() ? old_shared : std::move(frame.palette);
    Palette colours;
    if (own) {
      add_colours(colours, frame, used[i], old);
      sort_once(colours);
    }
    renumber(frame, used[i], old, own ? colours : shared);
    if (own && frame.transparent) colours.push_back(0); // none of the others was this index
    shared_transparent |= !own && frame.transparent;
    frame.palette = std::move(colours);
  }
  if (shared_transparent) shared.push_back(0);
  const bool anyone = std::any_of(animation.frames.begin(), animation.frames.end(),
                                  [](const GifFrame &frame) { return frame.palette.empty(); });
  if (anyone) animation.palette = std::move(shared);
}

} // namespace sekisho::rebuild
