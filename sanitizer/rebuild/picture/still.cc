#include "sanitizer/rebuild/picture/still.hh"

#include "sanitizer/rebuild/picture/jpeg_encoder.hh"
#include "sanitizer/rebuild/picture/png_writer.hh"

#include <algorithm>

namespace sekisho::rebuild {

namespace {

void clear_unseen(Pixels &pixels) {
  const unsigned channels = pixels.channels;
  std::uint8_t *pixel = pixels.memory.octets();
  for (std::size_t i = std::size_t{pixels.width} * pixels.height; i > 0; --i, pixel += channels)
    if (pixel[channels - 1] == 0) std::fill_n(pixel, channels, std::uint8_t{0});
}

} // namespace

Result<Rebuilt, Reason> still(Pixels &pixels, bool lossy, std::vector<Reason> reasons) {
  const bool opaque = pixels.channels % 2 == 1;
  if (!opaque) clear_unseen(pixels);
  if (lossy && opaque) {
    const auto format = pixels.channels == 1 ? JpegSource::Format::gray : JpegSource::Format::rgb;
    Result<Buffer, Reason> written = encode_jpeg(
        {pixels.memory.octets(), pixels.row_size(), pixels.width, pixels.height, format, pixels.density},
        picture_quality);
    if (!written) return fail(written.error());
    return Rebuilt{job::Kind::jpeg, std::move(*written), std::move(reasons)};
  }
  Buffer written = write_png(pixels);
  if (written.empty()) return fail(Reason::part_too_big);
  return Rebuilt{job::Kind::png, std::move(written), std::move(reasons)};
}

} // namespace sekisho::rebuild
