// PNG to pixels by libpng and back by our own writer.  Text, times, profiles and further frames are
// not even kept in memory.
#include "sanitizer/rebuild/png_writer.hh"
#include "sanitizer/rebuild/rebuild.hh"

#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

namespace sekisho::rebuild {
namespace {

constexpr png_uint_32 longest_side = 1'000'000;
constexpr std::size_t most_of_a_chunk = 8u << 20; // octets an ancillary chunk may take unpacked

struct Source {
  Bytes rest;
};

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
  static const png_byte unread[] =
      "iCCP\0tEXt\0zTXt\0iTXt\0eXIf\0sPLT\0hIST\0tIME"; // names of 5 octets
  png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_NEVER, unread, sizeof unread / 5);
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
  return true; // what stands after the picture is not even read
}

} // namespace

Result<Rebuilt, Reason> png(const Input &input, const job::Plan &plan) {
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
  Buffer written = write_png(pixels);
  if (written.empty()) return fail(Reason::part_too_big);
  return Rebuilt{job::Kind::png, std::move(written), {Reason::part_reencoded}};
}

} // namespace sekisho::rebuild
