#include "sanitizer/job/digest.hh"

#include "base/check.hh"

#include <openssl/evp.h>

namespace sekisho::job {
namespace {

// Fetched once: an implicit fetch would search the providers for every digest.
const EVP_MD *sha256() {
  static const EVP_MD *method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(method != nullptr);
  return method;
}

} // namespace

void Digest::Free::operator()(evp_md_ctx_st *context) const { EVP_MD_CTX_free(context); }

Digest::Digest() : context_(EVP_MD_CTX_new()) {
  CHECK(context_ && EVP_DigestInit_ex2(context_.get(), sha256(), nullptr) == 1);
}

void Digest::add(Bytes piece) { CHECK(EVP_DigestUpdate(context_.get(), piece.data(), piece.size()) == 1); }

std::array<std::byte, 32> Digest::take() {
  std::array<std::byte, 32> digest;
  unsigned length = 0;
  CHECK(EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char *>(digest.data()), &length) == 1 &&
        EVP_DigestInit_ex2(context_.get(), sha256(), nullptr) == 1);
  CHECK(length == digest.size());
  return digest;
}

std::string sha256_hex(Bytes bytes) {
  thread_local Digest digest;
  digest.add(bytes);
  return digest.take_hex();
}

void warm_up_digest() {
  (void)sha256_hex({});
}

} // namespace sekisho::job
