// When certificates end.
#pragma once

#include "base/clock.hh"

#include <optional>
#include <string_view>

namespace sekisho::tls {

constexpr int warn_days = 14; // before its end a certificate is pointed out

struct Ends {
  UnixSeconds first = 0, last = 0;
};
/// Of the certificates in a PEM text; nothing: there is none.
std::optional<Ends> ends_of(std::string_view pem);

} // namespace sekisho::tls
