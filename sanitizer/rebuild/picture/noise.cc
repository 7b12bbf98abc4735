#include "sanitizer/rebuild/picture/noise.hh"

#include "sanitizer/job/digest.hh"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sekisho::rebuild {

Noise::Noise(const Input &input, const job::Plan &plan) {
  if (plan.noise == 0) return;
  mask_ = 0x0101010101010101 * ((1u << std::min(plan.noise, job::most_noise)) - 1);
  const std::string digest = job::sha256_hex(input.untrusted_value());
  std::from_chars(digest.data(), digest.data() + 16, state_, 16);
}

std::uint64_t Noise::next() { // SplitMix64
  std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
  mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
  return mixed ^ mixed >> 31;
}

void Noise::replace(Pixels &pixels, std::vector<Reason> &reasons) {
  if (mask_ == 0) return;
  reasons.push_back(Reason::part_noise);
  std::uint8_t *octets = pixels.memory.octets();
  const std::size_t size = pixels.row_size() * pixels.height;
  const unsigned channels = pixels.channels;
  if (channels % 2 == 1) {
    for (std::size_t at = 0; at < size; at += 8) {
      const std::size_t count = std::min<std::size_t>(8, size - at);
      std::uint64_t eight = 0;
      std::memcpy(&eight, octets + at, count);
      eight = (eight & ~mask_) | (next() & mask_);
      std::memcpy(octets + at, &eight, count);
    }
    return;
  }
  const auto mask = static_cast<std::uint8_t>(mask_);
  for (std::size_t at = 0; at < size; at += channels) {
    const std::uint8_t alpha = octets[at + channels - 1];
    std::uint64_t bits = next() & mask_;
    if (alpha == 0) continue;
    for (unsigned c = 0; c < channels - (alpha == 255 ? 1 : 0); ++c, bits >>= 8)
      octets[at + c] = static_cast<std::uint8_t>((octets[at + c] & ~mask) | (bits & 0xff));
    if (octets[at + channels - 1] == 0) octets[at + channels - 1] = 1;
  }
}

void Noise::replace(std::vector<std::uint32_t> &palette) {
  if (mask_ == 0) return;
  const auto mask = static_cast<std::uint32_t>(mask_ & 0xffffff);
  for (std::uint32_t &colour : palette)
    colour = (colour & ~mask) | (static_cast<std::uint32_t>(next()) & mask);
}

} // namespace sekisho::rebuild
