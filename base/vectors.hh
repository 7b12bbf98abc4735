// The processor's vector instructions, as <immintrin.h> names them.
#pragma once

#if defined(__x86_64__)
#pragma GCC diagnostic push
#if !defined(__clang__) // g++ 12 takes its own header's undefined values for a mistake of ours (bug 105593)
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

/// A function for processors that have it, whatever the others of the file are made for: see has_avx2().
#define SEKISHO_AVX2 __attribute__((target("avx2")))
#define SEKISHO_AVX2_INLINE __attribute__((target("avx2"), always_inline)) inline
#endif
