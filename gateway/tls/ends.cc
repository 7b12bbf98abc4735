#include "gateway/tls/ends.hh"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>

namespace sekisho::tls {

std::optional<Ends> ends_of(std::string_view pem) {
  const std::unique_ptr<BIO, int (*)(BIO *)> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  std::optional<Ends> ends;
  while (X509 *next = text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr) : nullptr) {
    const std::unique_ptr<X509, void (*)(X509 *)> certificate(next, X509_free);
    std::tm moment{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(next), &moment) != 1) continue;
    const UnixSeconds end = ::timegm(&moment);
    ends = ends ? Ends{std::min(ends->first, end), std::max(ends->last, end)} : Ends{end, end};
  }
  ERR_clear_error(); // the end of the text is one
  return ends;
}

} // namespace sekisho::tls
