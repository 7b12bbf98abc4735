// What octets are called in reports and records.
#pragma once

#include "base/bytes.hh"

#include <array>
#include <memory>
#include <string>

struct evp_md_ctx_st;

namespace sekisho::job {

/// SHA-256, 64 lower-case hexadecimal digits (FIPS 180-4).
std::string sha256_hex(Bytes bytes);

/// The same of octets that come in pieces.
class Digest {
public:
  Digest();
  void add(Bytes piece);
  /// Of what was added since the last call.
  std::array<std::byte, 32> take();
  std::string take_hex() { return to_hex(take()); }

private:
  struct Free {
    void operator()(evp_md_ctx_st *context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Makes the library load what it loads at first use; call before a jail closes.
void warm_up_digest();

} // namespace sekisho::job
