// What a jailed process must not be able to do, tried.
#pragma once

#include <span>

namespace sekisho::worker {

struct Attempt {
  const char *what;
  bool (*succeeds)();
};

/// Forbidden to every process of the sanitizer.
std::span<const Attempt> attempts_everywhere();
/// Forbidden also to those that read other people's octets.
std::span<const Attempt> attempts_in_workers();

} // namespace sekisho::worker
