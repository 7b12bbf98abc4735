#include "sanitizer/job/digest.hh"

#include "base/check.hh"

#include <openssl/evp.h>

#include <array>
#include <memory>

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
  struct Free {
    void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::array<std::byte, 32> digest;
  unsigned length = 0;
  CHECK(context && EVP_DigestInit_ex2(context.get(), sha256(), nullptr) == 1 &&
        EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
        EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char *>(digest.data()), &length) == 1);
  CHECK(length == digest.size());
  return to_hex(digest);
}

void warm_up_digest() {
  (void)sha256_hex({});
}

} // namespace sekisho::job
