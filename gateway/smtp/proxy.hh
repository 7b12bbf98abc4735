// The header a balancer sends before the first octet of its client: PROXY protocol, versions 1 and 2 (HAProxy,
// doc/proxy-protocol.txt).  Strict, and only for peers that the rules list: whoever else could name any client.
#pragma once

#include "base/address.hh"
#include "base/bytes.hh"

#include <optional>

namespace sekisho::smtp {

constexpr std::size_t max_proxy_header = 1024; // octets; version 1 has at most 107, of 2's fields few are long

class ProxyReader {
public:
  enum class State : std::uint8_t {
    reading,
    read,   // client() may be asked
    broken, // or too long, or of something other than TCP
  };

  /// Takes what belongs to the header; returns how many octets that was.  Less than all only when it is read or broken.
  std::size_t feed(Bytes untrusted_input);
  State state() const { return state_; }
  /// The real client; nothing when the balancer speaks for itself (LOCAL, UNKNOWN): a health check.
  const std::optional<Ip> &client() const { return client_; }

private:
  State read_text();
  State read_binary();

  std::string header_;
  State state_ = State::reading;
  std::optional<Ip> client_;
};

} // namespace sekisho::smtp
