// A connection, in the clear or under TLS.  Only stream.cc sees Asio's TLS.
#pragma once

#include "gateway/relay/net.hh"
#include "gateway/smtp/session.hh"
#include "gateway/tls/server.hh"

#include <memory>
#include <span>

namespace sekisho::relay {

class Stream {
public:
  explicit Stream(Tcp::socket socket);
  ~Stream();

  struct Came {
    NetError error;
    Bytes octets; // until the next wait, of whomever
  };
  /// Into `room`, which many streams may share: nobody keeps it while he waits.
  Task<Came> read(std::span<std::byte> room);
  /// False: what was read last was there already.
  bool has_waited() const { return secure_ || has_waited_; }
  Task<NetError> write(std::string_view octets);

  struct Shaken {
    NetError error; // none: everything is under TLS from here
    smtp::Tls tls;
  };
  /// As server, once.  Octets that came in the clear beforehand are for TLS to make sense of.
  Task<Shaken> shake_hands(SSL_CTX *context);

  /// Octets wait to be read.  Before TLS only.
  bool has_input() const;
  std::string remote_address() const;
  /// Whoever reads or writes gets an error; a later read or write works.
  void cancel();
  /// The peer is told that nothing follows, if it listens.
  Task<void> finish();
  void close();

private:
  struct Secure;
  Tcp::socket socket_;
  std::unique_ptr<Secure> secure_;
  bool has_waited_ = true;
};

} // namespace sekisho::relay
