// Receipt numbers: what a reader, an administrator and the record call a mail by.  "R8K4-7Q2M-X9".
#pragma once

#include "base/bytes.hh"
#include "base/clock.hh"
#include "base/result.hh"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::spool {

/// Ten symbols of an alphabet without look-alikes (no 0 O 1 I L U): the time in steps of 10 µs since 2026-01-01, spread so
/// that neighbours differ at sight.  No step is given twice, whatever the clock says: where it went back, the next that was
/// not given stands for it.
class ReceiptMaker {
public:
  /// Durable when it returns.
  using Keep = std::function<Result<void>(std::string_view)>;
  /// Steps go to `keep` before the first of them is given out, about a minute's at a time.  None: tests, benches.
  explicit ReceiptMaker(Keep keep = {}) : keep_(std::move(keep)) {}

  /// What was kept last.  False: it is none of ours; nothing is known then.
  bool decode(std::string_view text);
  /// A receipt that is there, of whatever clock.
  void note(std::string_view receipt);
  /// Nobody knows what was given until now: all that can have been counts as given, and is kept so.
  Result<void> begin(std::uint64_t now_us);

  /// `now_us`: microseconds since 1970.  Errors: it cannot be kept which are given, and so none is.
  Result<std::string> make(std::uint64_t now_us);

private:
  /// Steps that were given, or may be by this process: [first, end).
  struct Span {
    std::uint64_t first = 0, end = 0;
  };
  static void add(std::vector<Span> &spans, Span fresh);
  std::optional<Span> free_from(std::uint64_t step) const;
  bool is_of_block(std::uint64_t step) const;
  Result<void> take_block(std::uint64_t step);
  Result<void> keep(const std::vector<Span> &spans) const;

  Keep keep_;
  std::vector<Span> given_; // in order, a day or more between them
  Span block_;              // of given_: what this process may still give
};

/// What a person typed: any case, blanks and dashes anywhere.  The canonical form, or nothing.
std::optional<std::string> read_receipt(std::string_view typed);

/// When the mail of a receipt in canonical form was taken, by the clock of then; later where that had been set back.
/// Nothing: it is none.
std::optional<UnixSeconds> time_of_receipt(std::string_view receipt);

} // namespace sekisho::spool
