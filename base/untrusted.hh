// Untrusted<T>: a value somebody else wrote.  It may be parsed and hashed; there is no way to write it
// out.  What is safe to write is another type (sanitizer/rebuild: CleanPart), made only by building anew.
#pragma once

#include <utility>

namespace sekisho {

template <class T> class Untrusted {
public:
  explicit Untrusted(T value) : value_(std::move(value)) {}
  /// For parsers and hashes only; the name makes the border visible to the reader.
  const T &untrusted_value() const { return value_; }

private:
  T value_;
};

} // namespace sekisho
