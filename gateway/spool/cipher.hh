// Encryption at rest: AES-256-GCM (NIST SP 800-38D) under a key of its own for each use of a segment, derived from the
// administrator's by HKDF-SHA256 (RFC 5869) with the use's random salt.
//
// No nonce ever comes twice under one key: seals are numbered within a use and the number never goes back, also where
// what was written is taken back; another process begins another use.
#pragma once

#include "base/bytes.hh"
#include "gateway/spool/key.hh"

#include <memory>
#include <string_view>

struct evp_cipher_ctx_st;
struct gcm_key_data;

namespace sekisho::spool {

using Salt = std::array<std::byte, 32>;
constexpr std::size_t tag_size = 16; // octets that a sealed piece is longer

/// Not thread-safe.
class Cipher {
public:
  /// `purpose`: keys of different purposes have nothing to do with each other.
  Cipher(const Key &key, const Salt &salt, std::string_view purpose);

  /// `into`: plain.size() + tag_size octets.  `about` is not hidden, but bound to it.  `number`: never the same twice.
  void seal(std::uint64_t number, Bytes about, Bytes plain, std::byte *into);
  /// `into`: sealed.size() - tag_size octets.  False: it is not what was sealed; `into` is then worth nothing.
  bool open(std::uint64_t number, Bytes about, Bytes sealed, std::byte *into);

private:
  using Context = std::unique_ptr<evp_cipher_ctx_st, void (*)(evp_cipher_ctx_st *)>;
  using WideKey = std::unique_ptr<gcm_key_data, void (*)(gcm_key_data *)>;
  KeyOctets key_;
  Context seal_, open_;
  WideKey wide_; // null: seal_ does it
};

/// Fills `octets`; without random octets nothing can be kept, and the process ends.
void fill_random(std::span<std::byte> octets);

} // namespace sekisho::spool
