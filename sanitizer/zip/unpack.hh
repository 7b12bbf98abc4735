// Contents of a member, bounded by the size its headers announce.
#pragma once

#include "base/result.hh"
#include "sanitizer/zip/archive.hh"

#include <memory>
#include <span>

struct libdeflate_decompressor;

namespace sekisho::zip {

/// Keeps the memory of the decoder between members.
class Unpacker {
public:
  Unpacker();
  ~Unpacker();
  /// Exactly `member.size` octets.  Errors: the member's own fault; zip-bad-data where the stream
  /// is damaged, unpacks to another size, leaves octets over or has another sum (CRC-32).
  Result<Buffer, Reason> unpack(const Member &member);
  /// The same into `out`, which has `member.size` octets.  Reason::none when it is done.
  Reason unpack_into(const Member &member, std::span<std::byte> out);

private:
  struct Free {
    void operator()(libdeflate_decompressor *decoder) const;
  };
  std::unique_ptr<libdeflate_decompressor, Free> decoder_;
};

} // namespace sekisho::zip
