// How a worker is asked for: one SOCK_SEQPACKET message with one end of a stream socket, and for a mail worker
// a shelf.
#pragma once

#include "base/unique_fd.hh"
#include "sanitizer/client/protocol.hh"

#include <optional>

namespace sekisho::client {

struct Request {
  protocol::Worker kind{};
  std::uint32_t worker_ms = 0; // after which the worker is ended in any case, 0: never
  UniqueFd stream, shelf;
};

/// Does not wait.  `stream` and `shelf` (-1: none) are borrowed: the other side gets copies.
bool send_request(int channel, protocol::Worker kind, std::uint32_t worker_ms, int stream, int shelf = -1);

enum class Received : std::uint8_t { request, nothing, nonsense, closed };
/// Does not wait unless `wait` is set.
Received receive_request(int channel, Request &request, bool wait = false);

} // namespace sekisho::client
