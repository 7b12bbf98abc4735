#include "gateway/spool/cipher.hh"

#include "base/check.hh"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#ifdef SEKISHO_WITH_IPSEC_MB
#include <intel-ipsec-mb.h>
#endif

#include <algorithm>

namespace sekisho::spool {
namespace {

constexpr std::size_t nonce_size = 12;

const unsigned char *in(Bytes octets) { return reinterpret_cast<const unsigned char *>(octets.data()); }
unsigned char *out(std::byte *octets) { return reinterpret_cast<unsigned char *>(octets); }
int size_of(Bytes octets) { return static_cast<int>(octets.size()); }

KeyOctets derive(const Key &key, const Salt &salt, std::string_view purpose) {
  KeyOctets derived{};
  EVP_KDF *kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
  std::string digest = "SHA256", info(purpose);
  KeyOctets secret = key.octets;
  Salt fresh = salt;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret.data(), secret.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, fresh.data(), fresh.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  const bool good = context && EVP_KDF_derive(context, out(derived.data()), derived.size(), params) == 1;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  CHECK(good);
  return derived;
}

std::array<unsigned char, nonce_size> nonce_of(std::uint64_t number) {
  std::array<unsigned char, nonce_size> nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[nonce_size - 1 - i] = static_cast<unsigned char>(number >> (8 * i));
  return nonce;
}

} // namespace

#ifdef SEKISHO_WITH_IPSEC_MB
namespace {

/// Null: the processor does not encrypt four blocks at once, and OpenSSL is as fast.
IMB_MGR *wide() {
  static IMB_MGR *const manager = [] {
    IMB_MGR *made = alloc_mb_mgr(0);
    if (made) init_mb_mgr_auto(made, nullptr);
    if (made && (made->features & IMB_FEATURE_VAES)) return made;
    if (made) free_mb_mgr(made);
    return static_cast<IMB_MGR *>(nullptr);
  }();
  return manager;
}

gcm_key_data *expand(const KeyOctets &key) {
  if (!wide()) return nullptr;
  auto expanded = std::make_unique<gcm_key_data>();
  IMB_AES256_GCM_PRE(wide(), key.data(), expanded.get());
  return expanded.release();
}

void let_go(gcm_key_data *key) { delete key; }

void seal_wide(const gcm_key_data *key, const unsigned char *nonce, Bytes about, Bytes plain, std::byte *into) {
  gcm_context_data state;
  IMB_AES256_GCM_ENC(wide(), key, &state, out(into), in(plain), plain.size(), nonce, in(about), about.size(),
                     out(into) + plain.size(), tag_size);
}

} // namespace
#else
namespace {

gcm_key_data *expand(const KeyOctets &) { return nullptr; }
void let_go(gcm_key_data *) {}
void seal_wide(const gcm_key_data *, const unsigned char *, Bytes, Bytes, std::byte *) {}

} // namespace
#endif

Cipher::Cipher(const Key &key, const Salt &salt, std::string_view purpose)
    : key_(derive(key, salt, purpose)), seal_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free),
      open_(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free), wide_(expand(key_), let_go) {
  CHECK(EVP_EncryptInit_ex(seal_.get(), EVP_aes_256_gcm(), nullptr, in(key_), nullptr) == 1);
  CHECK(EVP_DecryptInit_ex(open_.get(), EVP_aes_256_gcm(), nullptr, in(key_), nullptr) == 1);
}

void Cipher::seal(std::uint64_t number, Bytes about, Bytes plain, std::byte *into) {
  const auto nonce = nonce_of(number);
  if (wide_) return seal_wide(wide_.get(), nonce.data(), about, plain, into);
  int length = 0;
  bool good = EVP_EncryptInit_ex(seal_.get(), nullptr, nullptr, nullptr, nonce.data()) == 1 &&
              EVP_EncryptUpdate(seal_.get(), nullptr, &length, in(about), size_of(about)) == 1;
  if (good && !plain.empty())
    good = EVP_EncryptUpdate(seal_.get(), out(into), &length, in(plain), size_of(plain)) == 1;
  unsigned char nothing[tag_size];
  good = good && EVP_EncryptFinal_ex(seal_.get(), nothing, &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(seal_.get(), EVP_CTRL_GCM_GET_TAG, tag_size, into + plain.size()) == 1;
  CHECK(good);
}

bool Cipher::open(std::uint64_t number, Bytes about, Bytes sealed, std::byte *into) {
  if (sealed.size() < tag_size) return false;
  const Bytes hidden = sealed.first(sealed.size() - tag_size);
  const auto nonce = nonce_of(number);
  std::array<unsigned char, tag_size> tag;
  std::copy_n(in(sealed.last(tag_size)), tag_size, tag.begin());
  int length = 0;
  bool good = EVP_DecryptInit_ex(open_.get(), nullptr, nullptr, nullptr, nonce.data()) == 1 &&
              EVP_DecryptUpdate(open_.get(), nullptr, &length, in(about), size_of(about)) == 1;
  if (good && !hidden.empty())
    good = EVP_DecryptUpdate(open_.get(), out(into), &length, in(hidden), size_of(hidden)) == 1;
  unsigned char nothing[tag_size];
  return good && EVP_CIPHER_CTX_ctrl(open_.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(open_.get(), nothing, &length) == 1;
}

void fill_random(std::span<std::byte> octets) {
  CHECK(RAND_bytes(out(octets.data()), static_cast<int>(octets.size())) == 1);
}

} // namespace sekisho::spool
