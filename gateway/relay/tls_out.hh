// TLS towards a next hop as values: octets in, octets out, no socket.  TLS 1.2 and 1.3 (RFC 8446), OpenSSL behind it.
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"
#include "base/result.hh"

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace sekisho::relay {

/// How a next hop shows who it is.  Where nothing is said here it need not.
struct TlsTrust {
  std::vector<std::string> pins; // SHA-256 of its SubjectPublicKeyInfo, 32 octets each: one of them
  std::string authority;         // PEM: one of these issued its certificate …
  std::string name;              // … to this name; empty: to `address`
  std::string address;
  bool operator==(const TlsTrust &) const = default;
};

/// What the conversations with one next hop share.
class TlsContext {
public:
  /// Errors: the authority's file holds no certificate that can be read.
  static Result<std::shared_ptr<const TlsContext>> make(TlsTrust trust);

private:
  friend class TlsOut;
  explicit TlsContext(TlsTrust trust) : trust_(std::move(trust)) {}
  TlsTrust trust_;
  std::shared_ptr<ssl_ctx_st> context_;
};

/// One conversation, from its handshake on.
class TlsOut {
public:
  enum class Progress : std::uint8_t { failed, going_on, secured };

  explicit TlsOut(std::shared_ptr<const TlsContext> context);

  /// First with nothing, then with what came.  `secured` only after the certificate was found good: nothing
  /// but the handshake has left until then.
  Progress shake(Bytes untrusted);
  /// Appends what was meant for us.  False: it is broken or was ended.
  bool read(Bytes untrusted, std::string &plain);
  bool write(std::string_view plain);
  /// To be sent as it is.
  std::string take_output();

  Reason reason() const { return reason_; } // of having failed
  const std::string &trouble() const { return trouble_; }
  std::string words() const; // "TLSv1.3 TLS_AES_256_GCM_SHA384"

private:
  bool give(Bytes untrusted);
  bool take_plain(std::string &plain);
  bool is_pinned();
  Progress fail(Reason reason, std::string trouble);

  std::shared_ptr<const TlsContext> context_;
  std::unique_ptr<ssl_st, void (*)(ssl_st *)> ssl_;
  Reason reason_ = Reason::next_hop_tls_failed;
  std::string trouble_;
};

/// "sha256:…" as a rule has it, of 32 octets.
std::string pin_words(std::string_view digest);

} // namespace sekisho::relay
