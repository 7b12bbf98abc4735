// GIF (87a, 89a) frame by frame by giflib, and back by our own writer: pixels, palettes, places,
// delays, what becomes of a frame before the next, and how often all of it is shown.  Comments,
// texts and application data are gone.
#include "sanitizer/rebuild/behind.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/gif_writer.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/rebuild.hh"

#include <gif_lib.h>

#include <algorithm>
#include <cstring>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_frames = 10'000;
constexpr std::uint64_t most_pictures = 4; // of max_pixels, over all frames

struct Source {
  Bytes rest;
};

int take_octets(GifFileType *file, GifByteType *to, int count) {
  auto &source = *static_cast<Source *>(file->UserData);
  const std::size_t taken = std::min(source.rest.size(), static_cast<std::size_t>(count));
  std::memcpy(to, source.rest.data(), taken);
  source.rest = source.rest.subspan(taken);
  return static_cast<int>(taken);
}

struct Decoder {
  Source source;
  GifFileType *file = nullptr;
  explicit Decoder(Bytes bytes) : source{bytes} {
    int error = 0;
    file = DGifOpen(&source, take_octets, &error);
  }
  Decoder(const Decoder &) = delete;
  ~Decoder() {
    if (file != nullptr) DGifCloseFile(file, nullptr);
  }
};

Palette palette_of(const ColorMapObject *map) {
  Palette palette;
  for (int i = 0; map != nullptr && i < map->ColorCount && i < 256; ++i) {
    const GifColorType &colour = map->Colors[i];
    palette.push_back(std::uint32_t{colour.Red} << 16 | std::uint32_t{colour.Green} << 8 |
                      colour.Blue);
  }
  return palette;
}

class GifReader {
public:
  GifReader(GifFileType &file, const job::Plan &plan)
      : file_(file), most_pixels_(plan.max_pixels) {}

  Result<Animation, Reason> read() {
    if (!has_room(file_.SWidth, file_.SHeight)) return fail(Reason::part_too_big);
    animation_.width = static_cast<std::uint16_t>(file_.SWidth);
    animation_.height = static_cast<std::uint16_t>(file_.SHeight);
    animation_.palette = palette_of(file_.SColorMap);
    for (;;) {
      GifRecordType type = UNDEFINED_RECORD_TYPE;
      if (DGifGetRecordType(&file_, &type) != GIF_OK) return fail(Reason::part_malformed);
      if (type == TERMINATE_RECORD_TYPE) break;
      if (type == EXTENSION_RECORD_TYPE && !read_extension()) return fail(Reason::part_malformed);
      if (type == IMAGE_DESC_RECORD_TYPE) TRY(read_frame());
    }
    if (animation_.frames.empty()) return fail(Reason::part_malformed);
    if (animation_.frames.size() == 1) animation_.loops.reset();
    return std::move(animation_);
  }

private:
  bool has_room(int width, int height) const {
    return std::uint64_t(width) * std::uint64_t(height) <= most_pixels_;
  }

  bool read_extension() {
    int code = 0;
    GifByteType *block = nullptr;
    if (DGifGetExtension(&file_, &code, &block) != GIF_OK) return false;
    if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr)
      control_known_ = DGifExtensionToGCB(block[0], block + 1, &control_) == GIF_OK;
    const bool looping = code == APPLICATION_EXT_FUNC_CODE && block != nullptr && block[0] == 11 &&
                         (std::memcmp(block + 1, "NETSCAPE2.0", 11) == 0 ||
                          std::memcmp(block + 1, "ANIMEXTS1.0", 11) == 0);
    while (block != nullptr) {
      if (DGifGetExtensionNext(&file_, &block) != GIF_OK) return false;
      if (looping && block != nullptr && block[0] == 3 && block[1] == 1)
        animation_.loops = static_cast<std::uint16_t>(block[2] | block[3] << 8);
    }
    return true;
  }

  Result<void, Reason> read_frame() {
    if (DGifGetImageDesc(&file_) != GIF_OK) return fail(Reason::part_malformed);
    const GifImageDesc &place = file_.Image;
    if (animation_.frames.empty()) { // readers make room for the first
      animation_.width = std::max<std::uint16_t>(animation_.width, edge(place.Left, place.Width));
      animation_.height = std::max<std::uint16_t>(animation_.height, edge(place.Top, place.Height));
    }
    pixels_ += std::uint64_t(place.Width) * std::uint64_t(place.Height);
    if (!has_room(animation_.width, animation_.height) || !has_room(place.Width, place.Height) ||
        pixels_ > most_pixels_ * most_pictures || animation_.frames.size() >= most_frames)
      return fail(Reason::part_too_big);
    if (place.Width == 0 || place.Height == 0) return fail(Reason::part_malformed);
    GifFrame frame = begin_frame(place);
    const Palette &palette = place.ColorMap ? frame.palette : animation_.palette;
    if (palette.empty()) return fail(Reason::part_malformed);
    TRY(read_pixels(frame, place, palette.size()));
    if (frame.width > 0 && frame.height > 0) animation_.frames.push_back(std::move(frame));
    control_known_ = false; // it was for this frame
    return {};
  }

  static std::uint16_t edge(int start, int size) {
    return static_cast<std::uint16_t>(std::min(start + size, 65535));
  }

  /// Without its pixels; what lies outside the canvas is cut off.
  GifFrame begin_frame(const GifImageDesc &place) const {
    GifFrame frame;
    const auto inside = [](int start, int size, int limit) {
      return static_cast<std::uint16_t>(std::max(0, std::min(start + size, limit) - start));
    };
    frame.left = static_cast<std::uint16_t>(std::min<int>(place.Left, animation_.width));
    frame.top = static_cast<std::uint16_t>(std::min<int>(place.Top, animation_.height));
    frame.width = inside(place.Left, place.Width, animation_.width);
    frame.height = inside(place.Top, place.Height, animation_.height);
    frame.palette = palette_of(place.ColorMap);
    if (!control_known_) return frame;
    frame.delay = static_cast<std::uint16_t>(control_.DelayTime);
    frame.disposal =
        static_cast<std::uint8_t>(control_.DisposalMode <= 3 ? control_.DisposalMode : 0);
    if (control_.TransparentColor >= 0)
      frame.transparent = static_cast<std::uint8_t>(control_.TransparentColor);
    return frame;
  }

  Result<void, Reason> read_pixels(GifFrame &frame, const GifImageDesc &place,
                                   std::size_t colours) {
    constexpr int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2}; // GIF89a appendix E
    frame.indices = Scratch(std::max<std::size_t>(1, std::size_t{frame.width} * frame.height));
    if (!frame.indices) return fail(Reason::part_too_big);
    row_.resize(static_cast<std::size_t>(place.Width));
    const bool interlaced = place.Interlace;
    for (int pass = interlaced ? 0 : 4; pass < 5; pass += interlaced && pass == 3 ? 2 : 1)
      for (int y = interlaced ? first[pass] : 0; y < place.Height;
           y += interlaced ? step[pass] : 1) {
        if (DGifGetLine(&file_, row_.data(), place.Width) != GIF_OK)
          return fail(Reason::part_malformed);
        if (y >= frame.height) continue;
        if (frame.transparent && *frame.transparent >= colours) frame.transparent.reset();
        const std::uint8_t highest =
            frame.width == 0 ? std::uint8_t{0}
                             : *std::max_element(row_.begin(), row_.begin() + frame.width);
        if (highest >= colours) return fail(Reason::part_malformed);
        std::memcpy(frame.indices.octets() + static_cast<std::size_t>(y) * frame.width, row_.data(),
                    frame.width);
      }
    return {};
  }

  GifFileType &file_;
  std::uint64_t most_pixels_;
  std::uint64_t pixels_ = 0;
  GraphicsControlBlock control_{};
  bool control_known_ = false;
  std::vector<GifByteType> row_;
  Animation animation_;
};

/// What is left of a frame from `start` on, `size` long, where only so much of the canvas stays.
struct Overlap {
  std::uint16_t skipped, start, size;
};
Overlap overlap_of(unsigned start, unsigned size, unsigned first, unsigned count) {
  const unsigned from = std::max(start, first), to = std::max(from, std::min(start + size, first + count));
  const auto narrow = [](unsigned number) { return static_cast<std::uint16_t>(number); };
  if (from == to) return {0, 0, 0};
  return {narrow(from - start), narrow(from - first), narrow(to - from)};
}

/// A frame of which nothing is left keeps a pixel that nobody sees, and its time.
void cut_off(Animation &animation, const job::Cut &cut) {
  const CutBox box = box_of(cut, animation.width, animation.height);
  for (GifFrame &frame : animation.frames) {
    const Overlap across = overlap_of(frame.left, frame.width, box.left, box.width);
    const Overlap down = overlap_of(frame.top, frame.height, box.top, box.height);
    std::uint8_t *indices = frame.indices.octets();
    const std::uint16_t row_size = frame.width;
    frame.left = across.start, frame.top = down.start, frame.width = across.size, frame.height = down.size;
    for (std::size_t y = 0; y < down.size; ++y)
      std::memmove(indices + y * across.size, indices + (down.skipped + y) * row_size + across.skipped, across.size);
    if (across.size != 0 && down.size != 0) continue;
    frame.width = frame.height = 1;
    frame.palette.resize(std::max<std::size_t>(frame.palette.size(), 2));
    frame.transparent = indices[0] = 0;
  }
  animation.width = static_cast<std::uint16_t>(box.width), animation.height = static_cast<std::uint16_t>(box.height);
}

} // namespace

Result<Rebuilt, Reason> gif(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  Decoder decoder(input.untrusted_value());
  if (decoder.file == nullptr) return fail(Reason::part_malformed);
  Result<Animation, Reason> animation = GifReader(*decoder.file, plan).read();
  if (!animation) return fail(animation.error());
  Result<std::vector<Reason>, Reason> reasons = reencoded(decoder.source.rest);
  if (!reasons) return fail(reasons.error());
  if (cut) cut_off(*animation, cut);
  if (plan.noise > 0) {
    Noise noise(input, plan);
    noise.replace(animation->palette);
    for (GifFrame &frame : animation->frames)
      noise.replace(frame.palette);
    reasons->push_back(Reason::part_noise);
  }
  make_palettes_canonical(*animation);
  return Rebuilt{job::Kind::gif, write_gif(*animation), std::move(*reasons)};
}

} // namespace sekisho::rebuild
