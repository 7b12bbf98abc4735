// Receipt numbers: what a reader, an administrator and the record call a mail by.  "R8K4-7Q2M-X9".
#pragma once

#include "base/bytes.hh"
#include "base/clock.hh"

#include <optional>
#include <string>
#include <string_view>

namespace sekisho::spool {

/// Ten symbols of an alphabet without look-alikes (no 0 O 1 I L U): the time in steps of 10 µs since
/// 2026-01-01, never the same twice in a process nor over restarts, spread so that neighbours differ at
/// sight.
class ReceiptMaker {
public:
  /// `now_us`: microseconds since 1970.
  std::string make(std::uint64_t now_us);

private:
  std::uint64_t last_ = 0;
};

/// What a person typed: any case, blanks and dashes anywhere.  The canonical form, or nothing.
std::optional<std::string> read_receipt(std::string_view typed);

/// When the mail of a receipt in canonical form was taken.  Nothing: it is none.
std::optional<UnixSeconds> time_of_receipt(std::string_view receipt);

} // namespace sekisho::spool
