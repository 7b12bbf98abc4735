// PNG to pixels by libpng and back by our own writer.  Colour profile, gamma and orientation are
// applied; text, times and further frames are not even kept in memory.
#include "sanitizer/rebuild/behind.hh"
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/picture/orientation.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/still.hh"

#include <png.h>

#include <array>
#include <cmath>
#include <csetjmp>
#include <cstring>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr png_uint_32 longest_side = 1'000'000;
constexpr std::size_t most_of_a_chunk = 8u << 20; // octets an ancillary chunk may take unpacked

struct Source {
  Bytes rest;
  bool moving = false; // an animation: its frames after the first are unknown chunks to libpng
};

int look_at_chunk(png_structp png, png_unknown_chunkp chunk) {
  if (std::memcmp(chunk->name, "fdAT", 4) == 0)
    static_cast<Source *>(png_get_user_chunk_ptr(png))->moving = true;
  return 1; // done with
}

void take_octets(png_structp png, png_bytep to, std::size_t count) {
  auto &source = *static_cast<Source *>(png_get_io_ptr(png));
  if (count > source.rest.size()) png_error(png, "short");
  std::memcpy(to, source.rest.data(), count);
  source.rest = source.rest.subspan(count);
}

[[noreturn]] void leave(png_structp png, png_const_charp) {
  png_longjmp(png, 1);
}
void stay_silent(png_structp, png_const_charp) {}

struct Decoder {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, leave, stay_silent);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  Decoder() = default;
  Decoder(const Decoder &) = delete;
  ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

// Between setjmp and longjmp there is nothing with a destructor.
bool read_header(Decoder &decoder, Source &source) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_set_read_fn(decoder.png, &source, take_octets);
  png_set_user_limits(decoder.png, longest_side, longest_side);
  png_set_chunk_malloc_max(decoder.png, most_of_a_chunk);
  png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  static const png_byte unread[] = "tEXt\0zTXt\0iTXt\0sPLT\0hIST\0tIME"; // names of 5 octets
  png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_NEVER, unread, sizeof unread / 5);
  png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_AS_DEFAULT, reinterpret_cast<png_const_bytep>("pHYs"), 1);
  png_set_read_user_chunk_fn(decoder.png, &source, look_at_chunk);
  png_read_info(decoder.png, decoder.info);
  return true;
}

/// Whatever it was becomes 8 bits of gray or RGB, with or without alpha.
bool choose_format(Decoder &decoder) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_set_expand(decoder.png);
  png_set_scale_16(decoder.png);
  png_set_interlace_handling(decoder.png);
  png_read_update_info(decoder.png, decoder.info);
  return true;
}

bool read_pixels(Decoder &decoder, png_bytepp rows) {
  if (setjmp(png_jmpbuf(decoder.png))) return false;
  png_read_image(decoder.png, rows);
  png_read_end(decoder.png, decoder.info);
  return true;
}

/// §11.3.3: a profile goes before a gamma, and sRGB before both.
void apply_colours(Decoder &decoder, Pixels &pixels) {
  png_charp name = nullptr;
  png_bytep profile = nullptr;
  png_uint_32 size = 0;
  int method = 0, intent = 0;
  if (png_get_sRGB(decoder.png, decoder.info, &intent)) return;
  if (png_get_iCCP(decoder.png, decoder.info, &name, &method, &profile, &size))
    return to_srgb(pixels, {reinterpret_cast<const std::byte *>(profile), size});
  Tone tone;
  if (!png_get_gAMA(decoder.png, decoder.info, &tone.exponent)) return;
  std::array<double, 8> &xy = tone.xy;
  if (!png_get_cHRM(decoder.png, decoder.info, &xy[0], &xy[1], &xy[2], &xy[3], &xy[4], &xy[5],
                    &xy[6], &xy[7]))
    xy = {};
  constexpr double usual = 1 / 2.2, close = 0.01; // what nearly everybody means by it is sRGB
  if (xy[1] == 0 && std::abs(tone.exponent - usual) < close) return;
  to_srgb(pixels, tone);
}

Density density_of(Decoder &decoder) {
  png_uint_32 across = 0, down = 0;
  int unit = PNG_RESOLUTION_UNKNOWN;
  if (!png_get_pHYs(decoder.png, decoder.info, &across, &down, &unit) || unit != PNG_RESOLUTION_METER) return {};
  return Density::of(across, down, 0.0254);
}

int orientation_of(Decoder &decoder) {
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  if (!png_get_eXIf_1(decoder.png, decoder.info, &size, &exif)) return 0;
  return exif_orientation({reinterpret_cast<const std::byte *>(exif), size});
}

} // namespace

Result<Rebuilt, Reason> png(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  Decoder decoder;
  Source source{input.untrusted_value()};
  if (!decoder.info || !read_header(decoder, source)) return fail(Reason::part_malformed);
  Pixels pixels;
  pixels.width = png_get_image_width(decoder.png, decoder.info);
  pixels.height = png_get_image_height(decoder.png, decoder.info);
  if (std::uint64_t{pixels.width} * pixels.height > plan.max_pixels)
    return fail(Reason::part_too_big);
  if (!choose_format(decoder)) return fail(Reason::part_malformed);
  pixels.channels = png_get_channels(decoder.png, decoder.info);
  if (png_get_rowbytes(decoder.png, decoder.info) != pixels.row_size())
    return fail(Reason::part_malformed);
  pixels.memory = Scratch(pixels.row_size() * pixels.height);
  if (!pixels.memory) return fail(Reason::part_too_big);
  std::vector<png_bytep> rows(pixels.height);
  for (std::uint32_t y = 0; y < pixels.height; ++y)
    rows[y] = pixels.row(y);
  if (!read_pixels(decoder, rows.data())) return fail(Reason::part_malformed);
  Result<std::vector<Reason>, Reason> reasons = reencoded(source.rest);
  if (!reasons) return fail(reasons.error());
  if (source.moving) reasons->push_back(Reason::part_first_picture_only);
  apply_colours(decoder, pixels);
  pixels.density = density_of(decoder);
  pixels = turn_upright(std::move(pixels), orientation_of(decoder));
  if (!pixels.memory) return fail(Reason::part_too_big);
  cut_off(pixels, cut);
  Noise(input, plan).replace(pixels, *reasons);
  return still(pixels, false, std::move(*reasons));
}

} // namespace sekisho::rebuild
