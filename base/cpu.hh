// What this processor can do beyond the x86-64 that everything is compiled for.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace sekisho {

/// Vectors of 32 octets, whole numbers too.
inline bool has_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2");
#else
  return false;
#endif
}

/// AVX-512 as servers have it (F, CD, BW, DQ, VL), and BMI2: what __attribute__((target(…))) of the same names needs.
inline bool has_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
#else
  return false;
#endif
}

/// And AES rounds on four blocks at once.
inline bool has_avx512_vaes() {
#if defined(__x86_64__)
  unsigned a, b, c, d; // clang 14 does not know the feature's name
  return has_avx512() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && c >> 9 & 1;
#else
  return false;
#endif
}

} // namespace sekisho
