// The table of known senders on disk: entries one after the other, written anew when most are old.  Losing the last
// ones in a power cut costs a remark to a reader, so nothing waits for the disk.
#pragma once

#include "base/result.hh"
#include "base/unique_fd.hh"
#include "gateway/guard/senders.hh"

#include <memory>
#include <string>

namespace sekisho::relay {

class SenderFile {
public:
  /// Reads what is there; a damaged file begins anew, told in the log.
  static Result<SenderFile> open(std::string folder);

  guard::KnownSenders &senders() { return *senders_; }
  /// Behind the others.  Errors are told in the log once.
  void append(const guard::KnownSenders::Entry &entry);

private:
  Result<void> write_anew();

  std::string folder_;
  guard::SenderKey key_{};
  std::unique_ptr<guard::KnownSenders> senders_;
  UniqueFd file_;
  std::uint64_t number_ = 0;  // of the file: its name
  std::uint64_t entries_ = 0; // in it
  bool failed_ = false;
};

} // namespace sekisho::relay
