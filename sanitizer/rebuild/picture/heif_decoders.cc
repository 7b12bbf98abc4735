#include "sanitizer/rebuild/picture/heif_decoders.hh"

#include <dav1d/dav1d.h>
#include <libde265/de265.h>

#include <algorithm>
#include <cstring>
#include <malloc.h>
#include <memory>

namespace sekisho::rebuild {
namespace {

Buffer joined(const std::vector<Bytes> &pieces) {
  Buffer all;
  for (Bytes piece : pieces)
    all.insert(all.end(), piece.begin(), piece.end());
  return all;
}

struct FreeHevc {
  void operator()(de265_decoder_context *decoder) const { de265_free_decoder(decoder); }
};
using Hevc = std::unique_ptr<de265_decoder_context, FreeHevc>;

/// While it lives, new memory reads as 0.  Squares of a picture that no slice brings stay as they were allocated
/// (libde265 before 1.1 tells nobody, and its planes cannot be had from elsewhere where a filter comes last): so they are
/// of one colour, not what other memory held, and the same file gives the same output.
class ClearedMemory {
public:
  ClearedMemory() { mallopt(M_PERTURB, 0xff); }
  ~ClearedMemory() { mallopt(M_PERTURB, 0); }
  ClearedMemory(const ClearedMemory &) = delete;
};

bool push_unit(const Hevc &decoder, Bytes unit) {
  return de265_isOK(
      de265_push_NAL(decoder.get(), unit.data(), static_cast<int>(unit.size()), 0, nullptr));
}

/// HEVCDecoderConfigurationRecord, ISO/IEC 14496-15 §8.3.3.1.  0 when it is none, else the octets
/// of a unit's length.
unsigned push_parameters(const Hevc &decoder, Bytes configuration) {
  ByteReader reader(configuration);
  reader.skip(21);
  const unsigned length_size = (reader.read_u8() & 3) + 1u;
  for (unsigned arrays = reader.read_u8(); arrays > 0; --arrays) {
    reader.skip(1);
    for (unsigned units = reader.read_u16(); units > 0 && !reader.failed(); --units) {
      const std::size_t size = reader.read_u16();
      const Bytes unit = reader.take(size);
      if (reader.failed() || !push_unit(decoder, unit)) return 0;
    }
  }
  return reader.failed() ? 0 : length_size;
}

bool push_units(const Hevc &decoder, Bytes octets, unsigned length_size) {
  ByteReader reader(octets);
  while (!reader.failed() && !reader.at_end()) {
    std::size_t size = 0;
    for (unsigned i = 0; i < length_size; ++i)
      size = size << 8 | reader.read_u8();
    const Bytes unit = reader.take(size);
    if (reader.failed() || size > 0x7fffffff || !push_unit(decoder, unit)) return false;
  }
  return !reader.failed();
}

HeifPlanes planes_of(const de265_image *image) {
  HeifPlanes planes;
  planes.width = static_cast<std::uint32_t>(de265_get_image_width(image, 0));
  planes.height = static_cast<std::uint32_t>(de265_get_image_height(image, 0));
  const de265_chroma chroma = de265_get_chroma_format(image);
  planes.gray = chroma == de265_chroma_mono;
  planes.halved_across = chroma == de265_chroma_420 || chroma == de265_chroma_422;
  planes.halved_down = chroma == de265_chroma_420;
  for (int i = 0; i < (planes.gray ? 1 : 3); ++i) {
    HeifPlane &plane = planes.planes[static_cast<std::size_t>(i)];
    plane.octets = de265_get_image_plane(image, i, &plane.stride);
    plane.bits = de265_get_bits_per_pixel(image, i);
  }
  planes.colours.matrix = static_cast<unsigned>(de265_get_image_matrix_coefficients(image));
  planes.colours.full_range = de265_get_image_full_range_flag(image) != 0;
  return planes;
}

bool decode_hevc(const HeifTile &tile, std::uint64_t most_pixels,
                 const std::function<void(const HeifPlanes &)> &take) {
  const ClearedMemory cleared;
  const Hevc decoder(de265_new_decoder());
  if (!decoder) return false;
  const unsigned length_size = push_parameters(decoder, tile.configuration);
  if (length_size == 0 || !push_units(decoder, joined(tile.pieces), length_size)) return false;
  if (!de265_isOK(de265_flush_data(decoder.get()))) return false;
  for (int more = 1; more != 0;) {
    if (!de265_isOK(de265_decode(decoder.get(), &more))) return false;
    const de265_image *image = de265_get_next_picture(decoder.get());
    if (image == nullptr) continue;
    if (de265_get_warning(decoder.get()) != DE265_OK)
      return false; // damaged, and mended by guessing
    const HeifPlanes planes = planes_of(image);
    if (std::uint64_t{planes.width} * planes.height > most_pixels) return false;
    take(planes);
    return true;
  }
  return false;
}

struct Av1 {
  Dav1dContext *context = nullptr;
  Dav1dPicture picture{};
  explicit Av1(std::uint64_t most_pixels) {
    Dav1dSettings settings;
    dav1d_default_settings(&settings);
    settings.n_threads = 1;
    settings.max_frame_delay = 1;
    settings.all_layers = 0;
    settings.frame_size_limit =
        static_cast<unsigned>(std::min<std::uint64_t>(most_pixels, 0xffffffff));
    settings.logger.callback = nullptr;
    if (dav1d_open(&context, &settings) != 0) context = nullptr;
  }
  Av1(const Av1 &) = delete;
  ~Av1() {
    dav1d_picture_unref(&picture);
    if (context != nullptr) dav1d_close(&context);
  }
};

HeifPlanes planes_of(const Dav1dPicture &picture) {
  HeifPlanes planes;
  planes.width = static_cast<std::uint32_t>(picture.p.w);
  planes.height = static_cast<std::uint32_t>(picture.p.h);
  planes.gray = picture.p.layout == DAV1D_PIXEL_LAYOUT_I400;
  planes.halved_across =
      picture.p.layout == DAV1D_PIXEL_LAYOUT_I420 || picture.p.layout == DAV1D_PIXEL_LAYOUT_I422;
  planes.halved_down = picture.p.layout == DAV1D_PIXEL_LAYOUT_I420;
  for (std::size_t i = 0; i < (planes.gray ? 1u : 3u); ++i)
    planes.planes[i] = {static_cast<const std::uint8_t *>(picture.data[i]),
                        static_cast<int>(picture.stride[i == 0 ? 0 : 1]), picture.p.bpc};
  planes.colours.matrix = picture.seq_hdr->mtrx;
  planes.colours.full_range = picture.seq_hdr->color_range != 0;
  return planes;
}

bool decode_av1(const HeifTile &tile, std::uint64_t most_pixels,
                const std::function<void(const HeifPlanes &)> &take) {
  Av1 decoder(most_pixels);
  if (decoder.context == nullptr) return false;
  const Buffer octets = joined(tile.pieces);
  Dav1dData data{};
  std::uint8_t *copy = dav1d_data_create(&data, octets.size());
  if (copy == nullptr) return false;
  std::memcpy(copy, octets.data(), octets.size());
  bool whole = true;
  for (unsigned round = 0; round < 1000 && data.sz > 0 && whole; ++round) {
    const int sent = dav1d_send_data(decoder.context, &data);
    whole = sent == 0 || sent == DAV1D_ERR(EAGAIN);
    if (whole && dav1d_get_picture(decoder.context, &decoder.picture) == 0) break;
  }
  dav1d_data_unref(&data);
  if (!whole) return false;
  if (decoder.picture.data[0] == nullptr &&
      dav1d_get_picture(decoder.context, &decoder.picture) != 0)
    return false;
  const HeifPlanes planes = planes_of(decoder.picture);
  if (std::uint64_t{planes.width} * planes.height > most_pixels) return false;
  take(planes);
  return true;
}

} // namespace

bool decode_heif_tile(const HeifTile &tile, std::uint64_t most_pixels,
                      const std::function<void(const HeifPlanes &)> &take) {
  return tile.coding == HeifCoding::hevc ? decode_hevc(tile, most_pixels, take)
                                         : decode_av1(tile, most_pixels, take);
}

void warm_up_heif() {
  const Hevc hevc(de265_new_decoder());
  const Av1 av1(1);
}

} // namespace sekisho::rebuild
