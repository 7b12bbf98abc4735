#include "sanitizer/rebuild/picture/colour.hh"

#include <lcms2.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_of_a_profile = 4u << 20;

struct CloseProfile {
  void operator()(void *profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(void *transform) const { cmsDeleteTransform(transform); }
};
struct FreeCurve {
  void operator()(cmsToneCurve *curve) const { cmsFreeToneCurve(curve); }
};
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, DeleteTransform>;
using Curve = std::unique_ptr<cmsToneCurve, FreeCurve>;

Profile open_profile(Bytes untrusted, cmsColorSpaceSignature wanted) {
  if (untrusted.empty() || untrusted.size() > most_of_a_profile) return nullptr;
  Profile profile(
      cmsOpenProfileFromMem(untrusted.data(), static_cast<cmsUInt32Number>(untrusted.size())));
  return profile && cmsGetColorSpace(profile.get()) == wanted ? std::move(profile) : nullptr;
}

Profile gray_srgb() {
  const cmsFloat64Number srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  const Curve curve(cmsBuildParametricToneCurve(nullptr, 4, srgb));
  return Profile(cmsCreateGrayProfile(cmsD50_xyY(), curve.get()));
}

cmsUInt32Number format_of(std::uint32_t channels) {
  constexpr cmsUInt32Number formats[] = {0, TYPE_GRAY_8, TYPE_GRAYA_8, TYPE_RGB_8, TYPE_RGBA_8};
  return formats[channels];
}

/// Nothing when there is none, or when it would change no number by more than one.
Transform transform_from(const Profile &profile, std::uint32_t channels) {
  if (!profile) return nullptr;
  const bool gray = channels <= 2;
  const Profile target(gray ? gray_srgb() : Profile(cmsCreate_sRGBProfile()));
  const auto make = [&](cmsUInt32Number format) {
    return Transform(cmsCreateTransform(profile.get(), format, target.get(), format,
                                        INTENT_PERCEPTUAL, cmsFLAGS_COPY_ALPHA));
  };
  const Transform probe = make(gray ? TYPE_GRAY_8 : TYPE_RGB_8);
  if (!probe) return nullptr;
  std::vector<std::uint8_t> in, out;
  constexpr unsigned steps = 9, step = 255 / (steps - 1);
  for (unsigned i = 0; i < (gray ? steps : steps * steps * steps); ++i)
    for (unsigned c = i, k = 0; k < (gray ? 1u : 3u); ++k, c /= steps)
      in.push_back(static_cast<std::uint8_t>(c % steps * step));
  out.resize(in.size());
  cmsDoTransform(probe.get(), in.data(), out.data(),
                 static_cast<cmsUInt32Number>(in.size() / (gray ? 1 : 3)));
  for (std::size_t i = 0; i < in.size(); ++i)
    if (std::abs(in[i] - out[i]) > 1) return make(format_of(channels));
  return nullptr;
}

void transform_rows(Pixels &pixels, const Transform &transform) {
  if (!transform) return;
  for (std::uint32_t y = 0; y < pixels.height; ++y)
    cmsDoTransform(transform.get(), pixels.row(y), pixels.row(y), pixels.width);
}

void multiply_inks(const std::uint8_t *in, std::uint8_t *out, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i, in += 4, out += 3)
    for (unsigned c = 0; c < 3; ++c)
      out[c] = static_cast<std::uint8_t>((255u - in[c]) * (255u - in[3]) / 255);
}

} // namespace

void to_srgb(Pixels &pixels, Bytes untrusted_profile) {
  const auto space = pixels.channels <= 2 ? cmsSigGrayData : cmsSigRgbData;
  transform_rows(pixels, transform_from(open_profile(untrusted_profile, space), pixels.channels));
}

void to_srgb(Pixels &pixels, const Tone &tone) {
  if (tone.exponent < 0.01 || tone.exponent > 10) return;
  const Curve curve(cmsBuildGamma(nullptr, 1 / tone.exponent));
  cmsToneCurve *curves[] = {curve.get(), curve.get(), curve.get()};
  Profile profile;
  if (pixels.channels <= 2) {
    profile.reset(cmsCreateGrayProfile(cmsD50_xyY(), curve.get()));
  } else {
    const std::array<double, 8> srgb = {0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
    const std::array<double, 8> &xy = tone.xy[1] > 0 ? tone.xy : srgb;
    const cmsCIExyY white = {xy[0], xy[1], 1};
    const cmsCIExyYTRIPLE primaries = {{xy[2], xy[3], 1}, {xy[4], xy[5], 1}, {xy[6], xy[7], 1}};
    profile.reset(cmsCreateRGBProfile(&white, &primaries, curves));
  }
  transform_rows(pixels, transform_from(profile, pixels.channels));
}

Pixels inks_to_srgb(const Pixels &cmyk, Bytes untrusted_profile) {
  Pixels rgb{cmyk.width, cmyk.height, 3, Scratch(std::size_t{cmyk.width} * cmyk.height * 3)};
  if (!rgb.memory) return {};
  const Profile profile = open_profile(untrusted_profile, cmsSigCmykData);
  Transform transform;
  if (const Profile target{profile ? cmsCreate_sRGBProfile() : nullptr})
    transform.reset(cmsCreateTransform(profile.get(), TYPE_CMYK_8, target.get(), TYPE_RGB_8,
                                       INTENT_PERCEPTUAL, 0));
  for (std::uint32_t y = 0; y < rgb.height; ++y)
    if (transform)
      cmsDoTransform(transform.get(), cmyk.row(y), rgb.row(y), rgb.width);
    else
      multiply_inks(cmyk.row(y), rgb.row(y), rgb.width);
  return rgb;
}

void warm_up_colours() {
  const Profile profile(cmsCreate_sRGBProfile());
  (void)transform_from(profile, 3);
  (void)transform_from(gray_srgb(), 1);
}

} // namespace sekisho::rebuild
