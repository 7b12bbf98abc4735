// The quick way's first two stages for processors with AVX-512; the same outcome as plain.hh and screen.hh.
#pragma once

#include "gateway/path/screen.hh"

#if defined(__x86_64__)
namespace sekisho::path {

void read_plain_avx512(std::span<const port::Frame> frames, std::uint64_t own_mac, PlainRows &rows);
std::uint64_t screen_avx512(const Surroundings &around, std::uint64_t which, const PlainRows &rows,
                            const flow::Table::Index *candidates, ScreenRows &found);

} // namespace sekisho::path
#endif
