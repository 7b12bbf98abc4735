// CHECK(condition): our own bug ends the process; the supervisor restarts it and its doors stay shut
// meanwhile.  Never for input: hostile bytes get a Reason, expected failures a Result.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition)                                                                           \
  do {                                                                                             \
    if (!(condition)) [[unlikely]] {                                                               \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition);           \
      std::abort();                                                                                \
    }                                                                                              \
  } while (false)
