// The quick way's stages for processors with AVX-512; the same outcome as plain.hh, screen.hh and quick.hh.
#pragma once

#include "gateway/path/screen.hh"

#if defined(__x86_64__)
namespace sekisho::path {

void read_plain_avx512(std::span<const port::Frame> frames, std::uint64_t own_mac, PlainRows &rows);
std::uint64_t screen_avx512(const Surroundings &around, std::uint64_t which, const PlainRows &rows,
                            const flow::Table::Index *candidates, ScreenRows &found);
Passed pass_avx512(flow::Entry *entries, std::uint32_t seconds, std::uint32_t which, std::size_t base, const PlainRows &rows,
                   const flow::Table::Index *candidates, const ScreenRows &found, port::Frame *frames);

} // namespace sekisho::path
#endif
