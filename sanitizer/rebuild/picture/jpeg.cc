// JPEG (ITU-T T.81) to pixels and back.  What survives is what one sees: orientation and colour
// profile are applied; they, Exif, comments and thumbnails are gone.
#include "sanitizer/rebuild/behind.hh"
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/picture/orientation.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/still.hh"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstdlib>

#include <jpeglib.h>

#include <jerror.h>

namespace sekisho::rebuild {
namespace {

constexpr int most_scans = 100; // a progressive bomb repeats scans over a large picture
constexpr int most_warnings = 1000;
constexpr UINT8 dots_an_inch = 1, dots_a_centimetre = 2; // ITU-T T.871 §10.1

struct Failing {
  jpeg_error_mgr manager;
  std::jmp_buf back;
};

[[noreturn]] void leave(j_common_ptr info) {
  std::longjmp(reinterpret_cast<Failing *>(info->err)->back, 1);
}

void stay_silent(j_common_ptr) {}

// Missing or damaged pixels are a warning to the library, which goes on in gray.  What is left of a
// picture is not for guessing; other warnings are about nothing one sees.
void judge_warning(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
  case JWRN_HIT_MARKER:
  case JWRN_JPEG_EOF:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC: leave(info);
  default: break;
  }
  if (++info->err->num_warnings > most_warnings) leave(info);
}

void limit_scans(j_common_ptr info) {
  if (!info->is_decompressor) return;
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > most_scans) leave(info);
}

void set_up(Failing &failing) {
  jpeg_std_error(&failing.manager);
  failing.manager.error_exit = leave;
  failing.manager.output_message = stay_silent;
  failing.manager.emit_message = judge_warning;
}

struct Decoder {
  jpeg_decompress_struct info{};
  Failing failing{};
  jpeg_progress_mgr progress{};
  Decoder() {
    set_up(failing);
    info.err = &failing.manager;
    jpeg_create_decompress(&info);
    progress.progress_monitor = limit_scans;
    info.progress = &progress;
  }
  Decoder(const Decoder &) = delete;
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

/// Samples of 12 bits, lossless, hierarchical: JPEGs that the library does not read are in order.
Reason why_not(const Decoder &decoder) {
  switch (decoder.failing.manager.msg_code) {
  case JERR_BAD_PRECISION:
  case JERR_SOF_UNSUPPORTED:
  case JERR_NOT_COMPILED:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL: return Reason::part_variant;
  default: return Reason::part_malformed;
  }
}

// Between setjmp and longjmp there is nothing with a destructor.
bool read_header(Decoder &decoder, Bytes bytes) {
  if (setjmp(decoder.failing.back)) return false;
  jpeg_mem_src(&decoder.info, reinterpret_cast<const unsigned char *>(bytes.data()), bytes.size());
  jpeg_save_markers(&decoder.info, JPEG_APP0 + 1, 0xffff); // Exif
  jpeg_save_markers(&decoder.info, JPEG_APP0 + 2, 0xffff); // ICC
  return jpeg_read_header(&decoder.info, TRUE) == JPEG_HEADER_OK;
}

bool read_pixels(Decoder &decoder, Pixels &pixels) {
  if (setjmp(decoder.failing.back)) return false;
  jpeg_start_decompress(&decoder.info);
  while (decoder.info.output_scanline < decoder.info.output_height) {
    JSAMPROW row = pixels.row(decoder.info.output_scanline);
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  return true;
}

/// The colour profile, in the pieces of ICC.1:2010 annex B.4; null when there is none.
JOCTET *read_profile(Decoder &decoder, unsigned &size) {
  JOCTET *profile = nullptr;
  if (setjmp(decoder.failing.back)) return nullptr;
  return jpeg_read_icc_profile(&decoder.info, &profile, &size) ? profile : nullptr;
}

/// CIPA DC-007: telephones write the depth, a brighter or a second view as pictures of their own behind the first.
bool says_more(const jpeg_decompress_struct &info) {
  constexpr std::string_view mark("MPF\0", 4);
  for (jpeg_saved_marker_ptr marker = info.marker_list; marker; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 2 && std::string_view(reinterpret_cast<const char *>(marker->data), marker->data_length).starts_with(mark))
      return true;
  return false;
}

/// Of what stands after the picture.
Bytes octets_behind(Decoder &decoder) {
  if (!setjmp(decoder.failing.back)) jpeg_finish_decompress(&decoder.info);
  const jpeg_source_mgr &source = *decoder.info.src;
  return {reinterpret_cast<const std::byte *>(source.next_input_byte), source.bytes_in_buffer};
}

class JpegProfile {
public:
  explicit JpegProfile(Decoder &decoder) : octets_(read_profile(decoder, size_)) {}
  JpegProfile(const JpegProfile &) = delete;
  ~JpegProfile() { std::free(octets_); }
  Bytes bytes() const {
    return {reinterpret_cast<const std::byte *>(octets_), octets_ == nullptr ? 0 : size_};
  }

private:
  unsigned size_ = 0; // before octets_, which sets it
  JOCTET *octets_;
};

Density density_of(const jpeg_decompress_struct &info) {
  const bool has_unit = info.saw_JFIF_marker && (info.density_unit == dots_an_inch || info.density_unit == dots_a_centimetre);
  return has_unit ? Density::of(info.X_density, info.Y_density, info.density_unit == dots_an_inch ? 1 : 2.54) : Density();
}

J_COLOR_SPACE colours_wanted(const jpeg_decompress_struct &info) {
  switch (info.jpeg_color_space) {
  case JCS_GRAYSCALE: return JCS_GRAYSCALE;
  case JCS_CMYK:
  case JCS_YCCK: return JCS_CMYK;
  default: return JCS_RGB;
  }
}

int orientation_of(const jpeg_decompress_struct &info) {
  for (const jpeg_marker_struct *marker = info.marker_list; marker; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 1) {
      const int found = exif_orientation(
          {reinterpret_cast<const std::byte *>(marker->data), marker->data_length});
      if (found != 0) return found;
    }
  return 1;
}

Result<Pixels, Reason> decode(Decoder &decoder, const job::Plan &plan) {
  jpeg_decompress_struct &info = decoder.info;
  if (info.image_width == 0 || info.image_height == 0) return fail(Reason::part_malformed);
  if (std::uint64_t{info.image_width} * info.image_height > plan.max_pixels)
    return fail(Reason::part_too_big);
  info.out_color_space = colours_wanted(info);
  info.dct_method = JDCT_ISLOW;
  const unsigned channels = info.out_color_space == JCS_GRAYSCALE ? 1
                            : info.out_color_space == JCS_CMYK    ? 4
                                                                  : 3;
  Pixels pixels{info.image_width, info.image_height, channels,
                Scratch(std::size_t{info.image_width} * info.image_height * channels)};
  if (!pixels.memory) return fail(Reason::part_too_big);
  if (!read_pixels(decoder, pixels)) return fail(why_not(decoder));
  const JpegProfile profile(decoder);
  if (channels != 4) {
    to_srgb(pixels, profile.bytes());
    return pixels;
  }
  // Adobe writes CMYK inverted, and so does nearly everybody (libjpeg.txt, "special color spaces").
  std::uint8_t *inks = pixels.memory.octets();
  if (info.saw_Adobe_marker)
    std::transform(inks, inks + pixels.row_size() * pixels.height, inks,
                   [](std::uint8_t ink) { return static_cast<std::uint8_t>(255 - ink); });
  pixels = inks_to_srgb(pixels, profile.bytes());
  if (!pixels.memory) return fail(Reason::part_too_big);
  return pixels;
}

struct Encoder {
  jpeg_compress_struct info{};
  Failing failing{};
  unsigned char *memory = nullptr;
  unsigned long size = 0;
  Encoder() {
    set_up(failing);
    info.err = &failing.manager;
    jpeg_create_compress(&info);
  }
  Encoder(const Encoder &) = delete;
  ~Encoder() {
    jpeg_destroy_compress(&info);
    std::free(memory);
  }
};

bool write_all(Encoder &encoder, const JpegSource &source, int wanted_quality) {
  if (setjmp(encoder.failing.back)) return false;
  jpeg_compress_struct &info = encoder.info;
  jpeg_mem_dest(&info, &encoder.memory, &encoder.size);
  info.image_width = source.width;
  info.image_height = source.height;
  const bool gray = source.format == JpegSource::Format::gray;
  info.in_color_space = gray                                       ? JCS_GRAYSCALE
                        : source.format == JpegSource::Format::rgb ? JCS_RGB
                                                                   : JCS_EXT_BGRX;
  info.input_components = gray ? 1 : source.format == JpegSource::Format::rgb ? 3 : 4;
  jpeg_set_defaults(&info);
  if (source.format == JpegSource::Format::bgrx_gray) jpeg_set_colorspace(&info, JCS_GRAYSCALE);
  jpeg_set_quality(&info, wanted_quality, TRUE);
  if (source.density.across != 0) {
    info.density_unit = dots_an_inch;
    info.X_density = source.density.across;
    info.Y_density = source.density.down;
  }
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(source.first_row + info.next_scanline * source.stride);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

/// Both ways at once, some rows at a time.
bool recode(Decoder &decoder, Encoder &encoder, std::uint32_t least_width, int wanted_quality) {
  if (setjmp(decoder.failing.back) || setjmp(encoder.failing.back)) return false;
  jpeg_decompress_struct &in = decoder.info;
  in.out_color_space = in.jpeg_color_space;
  in.dct_method = JDCT_ISLOW;
  in.scale_denom = 8;
  for (in.scale_num = 1; in.scale_num < 8; ++in.scale_num)
    if (std::uint64_t{in.image_width} * in.scale_num * 20 >= std::uint64_t{least_width} * 8 * 19)
      break;
  jpeg_start_decompress(&in);
  jpeg_compress_struct &out = encoder.info;
  jpeg_mem_dest(&out, &encoder.memory, &encoder.size);
  out.image_width = in.output_width;
  out.image_height = in.output_height;
  out.in_color_space = in.out_color_space;
  out.input_components = in.output_components;
  jpeg_set_defaults(&out);
  jpeg_set_quality(&out, wanted_quality, TRUE);
  jpeg_start_compress(&out, TRUE);
  JSAMPARRAY rows = in.mem->alloc_sarray(reinterpret_cast<j_common_ptr>(&in), JPOOL_IMAGE,
                                         in.output_width * static_cast<JDIMENSION>(in.output_components), 16);
  while (in.output_scanline < in.output_height) {
    JDIMENSION have = 0;
    while (have < 16 && in.output_scanline < in.output_height)
      have += jpeg_read_scanlines(&in, rows + have, 16 - have);
    jpeg_write_scanlines(&out, rows, have);
  }
  jpeg_finish_compress(&out);
  return true;
}

} // namespace

Result<RecodedJpeg, Reason> recode_jpeg(Bytes untrusted, std::uint32_t width, std::uint32_t height,
                                        std::uint32_t least_width, int wanted_quality) {
  Decoder decoder;
  if (!read_header(decoder, untrusted)) return fail(Reason::part_malformed);
  const jpeg_decompress_struct &in = decoder.info;
  const bool gray = in.num_components == 1 && in.jpeg_color_space == JCS_GRAYSCALE;
  const bool colour = in.num_components == 3 && in.jpeg_color_space == JCS_YCbCr;
  if (in.image_width != width || in.image_height != height || !(gray || colour))
    return fail(Reason::part_malformed);
  Encoder encoder;
  if (!recode(decoder, encoder, least_width, wanted_quality)) return fail(Reason::part_malformed);
  const auto *first = reinterpret_cast<const std::byte *>(encoder.memory);
  return RecodedJpeg{encoder.info.image_width, encoder.info.image_height, gray,
                     Buffer(first, first + encoder.size)};
}

Result<Buffer, Reason> encode_jpeg(const JpegSource &source, int wanted_quality) {
  if (source.width > 65500 || source.height > 65500) return fail(Reason::part_too_big);
  Encoder encoder;
  if (!write_all(encoder, source, wanted_quality)) return fail(Reason::part_malformed);
  const auto *first = reinterpret_cast<const std::byte *>(encoder.memory);
  return Buffer(first, first + encoder.size);
}

Result<Rebuilt, Reason> jpeg(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  Decoder decoder;
  if (!read_header(decoder, input.untrusted_value())) return fail(why_not(decoder));
  Result<Pixels, Reason> decoded = decode(decoder, plan);
  if (!decoded) return fail(decoded.error());
  const int orientation = orientation_of(decoder.info); // before the end, which forgets it
  decoded->density = density_of(decoder.info);
  const bool more = says_more(decoder.info);
  Result<std::vector<Reason>, Reason> reasons = reencoded(octets_behind(decoder), more);
  if (!reasons) return fail(reasons.error());
  Pixels upright = turn_upright(std::move(*decoded), orientation);
  if (!upright.memory) return fail(Reason::part_too_big);
  cut_off(upright, cut);
  Noise(input, plan).replace(upright, *reasons);
  const auto format = upright.channels == 1 ? JpegSource::Format::gray : JpegSource::Format::rgb;
  Result<Buffer, Reason> encoded = encode_jpeg(
      {upright.memory.octets(), upright.row_size(), upright.width, upright.height, format, upright.density},
      picture_quality);
  if (!encoded) return fail(encoded.error());
  return Rebuilt{job::Kind::jpeg, std::move(*encoded), std::move(*reasons)};
}

} // namespace sekisho::rebuild
