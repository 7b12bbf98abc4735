// TIFF 6.0 pages by libtiff: two tones and the common forms of 8 bits straight from their strips,
// everything else by its RGBA interface.
#include "sanitizer/rebuild/picture/tiff_decoder.hh"

#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/orientation.hh"

#include <tiffio.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace sekisho::rebuild {

/// The tags that choose the way of reading.
struct TiffDecoder::Format {
  std::uint32_t width = 0, height = 0;
  std::uint16_t bits = 1, samples = 1, photometric = PHOTOMETRIC_MINISBLACK;
  std::uint16_t planes = PLANARCONFIG_CONTIG, coding = COMPRESSION_NONE, orientation = 1;
  std::uint16_t sample_format = SAMPLEFORMAT_UINT, extra = 0;
  bool tiled = false;
  bool is_gray() const {
    return photometric == PHOTOMETRIC_MINISBLACK || photometric == PHOTOMETRIC_MINISWHITE;
  }
  /// Rows of samples in strips, nothing else to be done with them than what inverting does.
  bool is_plain(unsigned wanted_bits, unsigned wanted_samples) const {
    return bits == wanted_bits && samples == wanted_samples && !tiled && extra == 0 &&
           (planes == PLANARCONFIG_CONTIG || samples == 1);
  }
};

/// What libtiff asks of a file, of octets in memory.
struct SourceCalls {
  using Source = TiffDecoder::Source;
  static tmsize_t read(thandle_t handle, void *to, tmsize_t count) {
    auto &source = *static_cast<Source *>(handle);
    if (source.position >= source.bytes.size() || count < 0) return 0;
    const std::size_t taken =
        std::min(static_cast<std::size_t>(count),
                 source.bytes.size() - static_cast<std::size_t>(source.position));
    std::memcpy(to, source.bytes.data() + source.position, taken);
    source.position += taken;
    return static_cast<tmsize_t>(taken);
  }
  static tmsize_t write(thandle_t, void *, tmsize_t) { return -1; }
  static toff_t seek(thandle_t handle, toff_t offset, int from) {
    auto &source = *static_cast<Source *>(handle);
    source.position = offset + (from == SEEK_CUR   ? source.position
                                : from == SEEK_END ? source.bytes.size()
                                                   : 0);
    return source.position;
  }
  static int close(thandle_t) { return 0; }
  static toff_t size(thandle_t handle) { return static_cast<Source *>(handle)->bytes.size(); }
  static int map(thandle_t handle, void **base, toff_t *size) {
    auto &source = *static_cast<Source *>(handle);
    *base = const_cast<std::byte *>(source.bytes.data()); // read only: opened with "r"
    *size = source.bytes.size();
    return 1;
  }
  static void unmap(thandle_t, void *, toff_t) {}
};

namespace {

constexpr std::uint32_t most_dots = 10'000; // an inch

std::uint32_t dots_of(TIFF *file, std::uint32_t tag) {
  float dots = 0;
  std::uint16_t unit = RESUNIT_INCH;
  if (!TIFFGetField(file, tag, &dots)) return 0;
  TIFFGetFieldDefaulted(file, TIFFTAG_RESOLUTIONUNIT, &unit);
  if (unit == RESUNIT_CENTIMETER) dots *= 2.54f;
  if (unit == RESUNIT_NONE || !(dots >= 1 && dots <= most_dots)) return 0;
  return static_cast<std::uint32_t>(std::lround(dots));
}

void invert(std::uint8_t *octets, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    octets[i] = static_cast<std::uint8_t>(~octets[i]);
}

} // namespace

TiffDecoder::TiffDecoder(Bytes untrusted, const job::Plan &plan)
    : source_{untrusted}, most_pixels_(plan.max_pixels) {
  TIFFSetErrorHandler(nullptr);
  TIFFSetWarningHandler(nullptr);
  file_ =
      TIFFClientOpen("", "r", &source_, SourceCalls::read, SourceCalls::write, SourceCalls::seek,
                     SourceCalls::close, SourceCalls::size, SourceCalls::map, SourceCalls::unmap);
}

TiffDecoder::~TiffDecoder() {
  if (file_ != nullptr) TIFFClose(file_);
}

bool TiffDecoder::is_extra() const {
  std::uint32_t type = 0;
  TIFFGetFieldDefaulted(file_, TIFFTAG_SUBFILETYPE, &type);
  return (type & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0;
}

bool TiffDecoder::is_last() const {
  return TIFFLastDirectory(file_) != 0;
}

bool TiffDecoder::go_on() {
  return TIFFReadDirectory(file_) == 1;
}

TiffDecoder::Format TiffDecoder::format() const {
  Format found;
  std::uint16_t *extra_kinds = nullptr;
  TIFFGetField(file_, TIFFTAG_IMAGEWIDTH, &found.width);
  TIFFGetField(file_, TIFFTAG_IMAGELENGTH, &found.height);
  TIFFGetFieldDefaulted(file_, TIFFTAG_BITSPERSAMPLE, &found.bits);
  TIFFGetFieldDefaulted(file_, TIFFTAG_SAMPLESPERPIXEL, &found.samples);
  TIFFGetField(file_, TIFFTAG_PHOTOMETRIC, &found.photometric);
  TIFFGetFieldDefaulted(file_, TIFFTAG_PLANARCONFIG, &found.planes);
  TIFFGetFieldDefaulted(file_, TIFFTAG_COMPRESSION, &found.coding);
  TIFFGetFieldDefaulted(file_, TIFFTAG_ORIENTATION, &found.orientation);
  TIFFGetFieldDefaulted(file_, TIFFTAG_SAMPLEFORMAT, &found.sample_format);
  TIFFGetFieldDefaulted(file_, TIFFTAG_EXTRASAMPLES, &found.extra, &extra_kinds);
  found.tiled = TIFFIsTiled(file_) != 0;
  return found;
}

Bytes TiffDecoder::profile() const {
  std::uint32_t size = 0;
  void *octets = nullptr;
  if (!TIFFGetField(file_, TIFFTAG_ICCPROFILE, &size, &octets)) return {};
  return {static_cast<const std::byte *>(octets), size};
}

/// All strips one after the other; a short one is an error.
bool TiffDecoder::read_strips(std::uint8_t *to, std::size_t row_size, const Format &format) {
  std::uint32_t rows = format.height;
  TIFFGetFieldDefaulted(file_, TIFFTAG_ROWSPERSTRIP, &rows);
  rows = std::min(rows, format.height);
  if (rows == 0 || TIFFScanlineSize(file_) != static_cast<tmsize_t>(row_size)) return false;
  for (std::uint32_t y = 0; y < format.height; y += rows) {
    const auto size = static_cast<tmsize_t>(std::min(rows, format.height - y) * row_size);
    if (TIFFReadEncodedStrip(file_, TIFFComputeStrip(file_, y, 0), to + y * row_size, size) != size)
      return false;
  }
  return true;
}

Result<void, Reason> TiffDecoder::read_samples(TiffPicture &picture, const Format &format) {
  Pixels &pixels = picture.pixels;
  pixels = {format.width, format.height, format.samples,
            Scratch(std::size_t{format.width} * format.height * format.samples)};
  if (!pixels.memory) return fail(Reason::part_too_big);
  if (!read_strips(pixels.memory.octets(), pixels.row_size(), format))
    return fail(Reason::part_malformed);
  if (format.photometric == PHOTOMETRIC_MINISWHITE)
    invert(pixels.memory.octets(), pixels.memory.size());
  if (pixels.channels == 4)
    pixels = inks_to_srgb(pixels, profile());
  else
    to_srgb(pixels, profile());
  if (!pixels.memory) return fail(Reason::part_too_big);
  return {};
}

Result<void, Reason> TiffDecoder::read_anything(TiffPicture &picture, const Format &format) {
  char why[1024] = {};
  TIFFRGBAImage image;
  if (!TIFFRGBAImageBegin(&image, file_, 1, why)) return fail(Reason::part_variant);
  Pixels pixels{format.width, format.height, 4,
                Scratch(std::size_t{format.width} * format.height * 4)};
  image.orientation = image.req_orientation = ORIENTATION_TOPLEFT; // turned by ourselves
  const bool read =
      pixels.memory &&
      TIFFRGBAImageGet(&image, reinterpret_cast<std::uint32_t *>(pixels.memory.data()),
                       format.width, format.height) == 1;
  const bool alpha = image.alpha != 0;
  TIFFRGBAImageEnd(&image);
  if (!pixels.memory) return fail(Reason::part_too_big);
  if (!read) return fail(Reason::part_malformed);
  if (!alpha) {
    const unsigned channels = format.is_gray() ? 1 : 3;
    std::uint8_t *to = pixels.memory.octets();
    for (std::size_t i = 0; i < std::size_t{format.width} * format.height; ++i)
      for (unsigned c = 0; c < channels; ++c)
        to[i * channels + c] = to[i * 4 + c];
    pixels.channels = channels;
  }
  if (format.photometric != PHOTOMETRIC_SEPARATED) to_srgb(pixels, profile());
  picture.pixels = std::move(pixels);
  return {};
}

Result<TiffPicture, Reason> TiffDecoder::read_page() {
  const Format format = this->format();
  if (format.width == 0 || format.height == 0) return fail(Reason::part_malformed);
  if (std::uint64_t{format.width} * format.height > most_pixels_) return fail(Reason::part_too_big);
  if (TIFFIsCODECConfigured(format.coding) != 1) return fail(Reason::part_variant);
  TiffPicture picture;
  picture.across = dots_of(file_, TIFFTAG_XRESOLUTION);
  picture.down = dots_of(file_, TIFFTAG_YRESOLUTION);
  picture.lossy = format.coding == COMPRESSION_JPEG || format.coding == COMPRESSION_OJPEG;
  if (format.is_plain(1, 1) && format.is_gray() && format.orientation == 1) {
    const std::size_t row_size = (std::size_t{format.width} + 7) / 8;
    picture.two_tones = Scratch(row_size * format.height);
    if (!picture.two_tones) return fail(Reason::part_too_big);
    if (!read_strips(picture.two_tones.octets(), row_size, format))
      return fail(Reason::part_malformed);
    if (format.photometric == PHOTOMETRIC_MINISWHITE)
      invert(picture.two_tones.octets(), picture.two_tones.size());
    picture.width = format.width, picture.height = format.height;
    return picture;
  }
  if (format.photometric == PHOTOMETRIC_YCBCR && format.coding == COMPRESSION_JPEG)
    TIFFSetField(file_, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
  const bool rgb = format.photometric == PHOTOMETRIC_RGB ||
                   (format.photometric == PHOTOMETRIC_YCBCR && format.coding == COMPRESSION_JPEG);
  const bool straight =
      format.sample_format == SAMPLEFORMAT_UINT &&
      ((format.is_plain(8, 1) && format.is_gray()) || (format.is_plain(8, 3) && rgb) ||
       (format.is_plain(8, 4) && format.photometric == PHOTOMETRIC_SEPARATED));
  TRY(straight ? read_samples(picture, format) : read_anything(picture, format));
  picture.pixels = turn_upright(std::move(picture.pixels), format.orientation);
  if (!picture.pixels.memory) return fail(Reason::part_too_big);
  if (format.orientation >= 5) std::swap(picture.across, picture.down);
  picture.width = picture.pixels.width, picture.height = picture.pixels.height;
  return picture;
}

} // namespace sekisho::rebuild
