// WebP (RFC 9649) to pixels by libwebp.  A picture coded with loss leaves as JPEG, any other as
// PNG; of an animation the first picture.
#include "sanitizer/rebuild/behind.hh"
#include "sanitizer/rebuild/picture/colour.hh"
#include "sanitizer/rebuild/picture/cut.hh"
#include "sanitizer/rebuild/picture/noise.hh"
#include "sanitizer/rebuild/picture/orientation.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/rebuild/picture/still.hh"

#include <webp/decode.h>
#include <webp/demux.h>

#include <algorithm>
#include <cstdint>
#include <memory>

namespace sekisho::rebuild {
namespace {

struct DeleteDemuxer {
  void operator()(WebPDemuxer *demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DeleteDemuxer>;

const std::uint8_t *octets_of(Bytes bytes) {
  return reinterpret_cast<const std::uint8_t *>(bytes.data());
}

/// Borrowed from the file; empty when it has none.
Bytes chunk(const Demuxer &demuxer, const char *name) {
  WebPChunkIterator at{};
  Bytes found;
  if (WebPDemuxGetChunk(demuxer.get(), name, 1, &at))
    found = {reinterpret_cast<const std::byte *>(at.chunk.bytes), at.chunk.size};
  WebPDemuxReleaseChunkIterator(&at);
  return found;
}

bool decode_still(Bytes bytes, Pixels &pixels) {
  std::uint8_t *out = pixels.memory.octets();
  const int stride = static_cast<int>(pixels.row_size());
  return (pixels.channels == 4 ? WebPDecodeRGBAInto(octets_of(bytes), bytes.size(), out,
                                                    pixels.memory.size(), stride)
                               : WebPDecodeRGBInto(octets_of(bytes), bytes.size(), out,
                                                   pixels.memory.size(), stride)) != nullptr;
}

/// The first picture at its place.  libwebp's own reader of animations would hold two canvases more.
bool decode_first(Bytes bytes, Pixels &pixels) {
  const WebPData data{octets_of(bytes), bytes.size()};
  const Demuxer demuxer{WebPDemux(&data)};
  WebPIterator first{};
  WebPBitstreamFeatures own{};
  bool good = demuxer && WebPDemuxGetFrame(demuxer.get(), 1, &first) && first.complete &&
              WebPGetFeatures(first.fragment.bytes, first.fragment.size, &own) == VP8_STATUS_OK &&
              own.width == first.width && own.height == first.height && first.x_offset >= 0 &&
              first.y_offset >= 0 &&
              std::int64_t{first.x_offset} + first.width <= std::int64_t{pixels.width} &&
              std::int64_t{first.y_offset} + first.height <= std::int64_t{pixels.height};
  if (good) {
    const std::size_t start = static_cast<std::size_t>(first.y_offset) * pixels.row_size() +
                              static_cast<std::size_t>(first.x_offset) * pixels.channels;
    good = WebPDecodeRGBAInto(first.fragment.bytes, first.fragment.size,
                              pixels.memory.octets() + start, pixels.memory.size() - start,
                              static_cast<int>(pixels.row_size())) != nullptr;
  }
  WebPDemuxReleaseIterator(&first);
  return good;
}

/// The octets behind the RIFF container.
Bytes behind(Bytes bytes) {
  const std::uint64_t end = std::uint64_t{ByteReader(bytes.subspan(4)).read_u32_le()} + 8;
  return end < bytes.size() ? bytes.subspan(end) : Bytes{};
}

} // namespace

Result<Rebuilt, Reason> webp(const Input &input, const job::Plan &plan, const job::Cut &cut) {
  const Bytes bytes = input.untrusted_value();
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(octets_of(bytes), bytes.size(), &features) != VP8_STATUS_OK)
    return fail(Reason::part_malformed);
  Pixels pixels;
  pixels.width = static_cast<std::uint32_t>(features.width);
  pixels.height = static_cast<std::uint32_t>(features.height);
  if (std::uint64_t{pixels.width} * pixels.height > plan.max_pixels)
    return fail(Reason::part_too_big);
  Result<std::vector<Reason>, Reason> reasons = reencoded(behind(bytes));
  if (!reasons) return fail(reasons.error());
  pixels.channels = features.has_alpha || features.has_animation ? 4 : 3;
  pixels.memory = Scratch(pixels.row_size() * pixels.height);
  if (!pixels.memory) return fail(Reason::part_too_big);
  if (!(features.has_animation ? decode_first : decode_still)(bytes, pixels))
    return fail(Reason::part_malformed);
  if (features.has_animation) reasons->push_back(Reason::part_first_picture_only);
  const WebPData data{octets_of(bytes), bytes.size()};
  if (const Demuxer demuxer{WebPDemux(&data)}) {
    to_srgb(pixels, chunk(demuxer, "ICCP"));
    pixels = turn_upright(std::move(pixels), exif_orientation(chunk(demuxer, "EXIF")));
  }
  if (!pixels.memory) return fail(Reason::part_too_big);
  cut_off(pixels, cut);
  Noise(input, plan).replace(pixels, *reasons);
  constexpr int coded_with_loss = 1;
  return still(pixels, features.format == coded_with_loss, std::move(*reasons));
}

} // namespace sekisho::rebuild
