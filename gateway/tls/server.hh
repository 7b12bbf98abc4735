// TLS as a server speaks it, ready to shake hands: certificate, key and who may ask.  No sockets.
#pragma once

#include "base/result.hh"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace sekisho::tls {

/// A file as it was read; the path is for messages.
struct PemFile {
  std::string path;
  std::string_view text;
};

struct ServerFiles {
  PemFile certificate; // the chain, the server's own first
  PemFile key;         // without a passphrase
  PemFile client_ca;   // empty path: no client is asked for a certificate
};

/// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only (RFC 9325 §3, §4); no renegotiation, no
/// compression, no resumption.  A client's certificate is asked for and looked at, but a bad one does not end the
/// handshake: its peer is told by name in its own protocol (is_client_known()).
/// Errors: a file that is none, a key that is not the certificate's.
Result<std::shared_ptr<SSL_CTX>> make_server_context(const ServerFiles &files);

/// What was seen of a client's certificate while the hands were shaken.
struct ClientCertificate {
  bool is_shown = false, is_bad = false;
};
/// Before the handshake; `seen` lives as long as `ssl`.
void watch_client(SSL *ssl, ClientCertificate &seen);
/// After it: the client has shown a certificate, in force, for clients, of one of the listed issuers.
bool is_client_known(const SSL *ssl, const ClientCertificate &seen);
/// "TLSv1.3 TLS_AES_256_GCM_SHA384"
std::string words_of(const SSL *ssl);

} // namespace sekisho::tls
