// Receipt numbers over restarts: which were given stands on disk before they are, a block of them at a time.
#pragma once

#include "base/twin_files.hh"
#include "gateway/spool/receipt.hh"

#include <memory>
#include <span>

namespace sekisho::relay {

class Receipts {
public:
  /// Kept in `folder`; `known`: those of all mails that are there; `recorded_until`: a moment behind all mails of the record where the
  /// clock is behind them, else 0.  Errors: the files cannot be opened or written.
  static Result<std::unique_ptr<Receipts>> open(const std::string &folder, std::span<const std::string> known, UnixSeconds recorded_until = 0);

  /// One that no mail ever had.  Errors: told in the log; nothing may be accepted.
  Result<std::string> make();

private:
  explicit Receipts(TwinFiles files);

  TwinFiles files_;
  spool::ReceiptMaker maker_;
};

} // namespace sekisho::relay
