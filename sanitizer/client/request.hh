// How a worker is asked for: one SOCK_SEQPACKET message with one end of a stream socket.
#pragma once

#include "base/unique_fd.hh"
#include "sanitizer/client/protocol.hh"

#include <optional>

namespace sekisho::client {

struct Request {
  protocol::Worker kind{};
  std::uint32_t worker_ms = 0; // after which the worker is ended in any case, 0: never
  UniqueFd stream;
};

/// Does not wait.  `stream` is borrowed: the other side gets a copy.
bool send_request(int channel, protocol::Worker kind, std::uint32_t worker_ms, int stream);

enum class Received : std::uint8_t { request, nothing, nonsense, closed };
/// Does not wait unless `wait` is set.
Received receive_request(int channel, Request &request, bool wait = false);

} // namespace sekisho::client
