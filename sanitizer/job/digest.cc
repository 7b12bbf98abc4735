#include "sanitizer/job/digest.hh"

#include "base/check.hh"

#include <openssl/evp.h>

#include <array>

namespace sekisho::job {
namespace {

// Fetched once: an implicit fetch would search the providers for every digest.
const EVP_MD *sha256() {
  static const EVP_MD *method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(method != nullptr);
  return method;
}

} // namespace

std::string sha256_hex(Bytes bytes) {
  std::array<std::byte, 32> digest;
  unsigned length = 0;
  CHECK(EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char *>(digest.data()),
                   &length, sha256(), nullptr) == 1);
  CHECK(length == digest.size());
  return to_hex(digest);
}

void warm_up_digest() {
  (void)sha256_hex({});
}

} // namespace sekisho::job
