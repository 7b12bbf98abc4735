#include "bench/image_peers.hh"

#include <png.h>

#include <vector>
#ifdef SEKISHO_WITH_VIPS
#include <vips/vips.h>
#endif

namespace sekisho::bench {
namespace {

void take_octets(png_structp png, png_bytep to, std::size_t count) {
  auto &rest = *static_cast<Bytes *>(png_get_io_ptr(png));
  if (count > rest.size()) png_error(png, "short");
  std::memcpy(to, rest.data(), count);
  rest = rest.subspan(count);
}

void put_octets(png_structp png, png_bytep from, std::size_t count) {
  auto &out = *static_cast<Buffer *>(png_get_io_ptr(png));
  const auto *octets = reinterpret_cast<const std::byte *>(from);
  out.insert(out.end(), octets, octets + count);
}

} // namespace

std::size_t libpng_again(Bytes bytes) {
  png_structp in = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(in);
  png_structp out = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop out_info = png_create_info_struct(out);
  png_set_read_fn(in, &bytes, take_octets);
  png_read_info(in, info);
  const png_uint_32 width = png_get_image_width(in, info), height = png_get_image_height(in, info);
  const std::size_t row = png_get_rowbytes(in, info);
  std::vector<png_byte> pixels(row * height);
  std::vector<png_bytep> rows(height);
  for (png_uint_32 y = 0; y < height; ++y)
    rows[y] = pixels.data() + y * row;
  png_read_image(in, rows.data());
  Buffer written;
  png_set_write_fn(out, &written, put_octets, nullptr);
  png_set_compression_level(out, 6);
  png_set_filter(out, 0, PNG_ALL_FILTERS);
  png_set_IHDR(out, out_info, width, height, png_get_bit_depth(in, info),
               png_get_color_type(in, info), PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(out, out_info);
  png_write_image(out, rows.data());
  png_write_end(out, nullptr);
  png_destroy_write_struct(&out, &out_info);
  png_destroy_read_struct(&in, &info, nullptr);
  return written.size();
}

#ifdef SEKISHO_WITH_VIPS

bool have_vips() {
  return true;
}

std::size_t vips_again(Bytes picture, const char *load, const char *save) {
  static const bool ready = [] {
    if (vips_init("bench-image") != 0) return false;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    return true;
  }();
  if (!ready) return 0;
  VipsImage *image = vips_image_new_from_buffer(picture.data(), picture.size(), load, "access",
                                                VIPS_ACCESS_SEQUENTIAL, nullptr);
  if (image == nullptr) return 0;
  void *written = nullptr;
  std::size_t size = 0;
  if (vips_image_write_to_buffer(image, save, &written, &size, nullptr) != 0) size = 0;
  g_free(written);
  g_object_unref(image);
  return size;
}

#else

bool have_vips() {
  return false;
}

std::size_t vips_again(Bytes, const char *, const char *) {
  return 0;
}

#endif

} // namespace sekisho::bench
