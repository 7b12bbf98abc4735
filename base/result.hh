// Result<T, E>: the value, or why there is none.  Member names follow std::expected (C++23), which
// g++ 12 has not in C++20 mode, so that it can take this type's place later.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sekisho {

/// An expected failure outside the packet path: what was being done, what went wrong, and, where it
/// helps, what to do.
struct Error {
  std::string what;
};

template <class E> struct Failure {
  E error;
};

/// `return fail("cannot open " + path)` or `return fail(Reason::truncated)`.
inline Failure<Error> fail(std::string what) { return {Error{std::move(what)}}; }
inline Failure<Error> fail(Error error) { return {std::move(error)}; }
template <class E>
  requires std::is_enum_v<E>
Failure<E> fail(E error) {
  return {error};
}

template <class T, class E = Error> class [[nodiscard]] Result {
public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  /// Calling these on the wrong state throws std::bad_variant_access: a bug, not an input error.
  T &value() & { return std::get<0>(state_); }
  const T &value() const & { return std::get<0>(state_); }
  T &&value() && { return std::get<0>(std::move(state_)); }
  const E &error() const { return std::get<1>(state_); }
  T &operator*() & { return value(); }
  const T &operator*() const & { return value(); }
  T &&operator*() && { return std::move(*this).value(); }
  T *operator->() { return &value(); }
  const T *operator->() const { return &value(); }

private:
  std::variant<T, E> state_;
};

template <class E> class [[nodiscard]] Result<void, E> {
public:
  Result() = default;
  Result(Failure<E> failure) : state_(std::in_place_index<1>, std::move(failure.error)) {}
  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  const E &error() const { return std::get<1>(state_); }

private:
  std::variant<std::monostate, E> state_;
};

} // namespace sekisho

/// Hands a failure on to the caller: `TRY(open_it(path));`
#define TRY(expression)                                                                            \
  do {                                                                                             \
    if (auto try_result_ = (expression); !try_result_)                                             \
      return ::sekisho::fail(try_result_.error());                                                 \
  } while (false)
