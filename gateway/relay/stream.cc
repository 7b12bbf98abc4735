#include "gateway/relay/stream.hh"

#include <boost/asio/ssl/stream.hpp>

#include <array>

namespace sekisho::relay {

struct Stream::Secure {
  Secure(Tcp::socket &socket, SSL *handle) : stream(socket, handle) {}
  std::array<std::byte, 16 * 1024> room; // a record (RFC 8446 §5.1); Asio fills it before it tells
  net::ssl::stream<Tcp::socket &> stream; // owns the handle
  tls::ClientCertificate client;
};

Stream::Stream(Tcp::socket socket) : socket_(std::move(socket)) {
  NetError ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
}
Stream::~Stream() = default;

Task<Stream::Came> Stream::read(std::span<std::byte> room) {
  Came came;
  std::size_t count = 0;
  if (secure_) {
    std::tie(came.error, count) = co_await secure_->stream.async_read_some(net::buffer(secure_->room), as_result);
    came.octets = Bytes(secure_->room).first(count);
    co_return came;
  }
  has_waited_ = false;
  while (true) {
    count = socket_.read_some(net::buffer(room.data(), room.size()), came.error);
    if (came.error != net::error::would_block) break;
    has_waited_ = true;
    std::tie(came.error) = co_await socket_.async_wait(Tcp::socket::wait_read, as_result);
    if (came.error) break;
  }
  came.octets = room.first(count);
  co_return came;
}

Task<NetError> Stream::write(std::string_view octets) {
  net::const_buffer buffer(octets.data(), octets.size());
  NetError error;
  std::size_t count = 0;
  if (secure_) std::tie(error, count) = co_await net::async_write(secure_->stream, buffer, as_result);
  else std::tie(error, count) = co_await net::async_write(socket_, buffer, as_result);
  co_return error;
}

Task<Stream::Shaken> Stream::shake_hands(SSL_CTX *context) {
  Shaken shaken;
  SSL *handle = SSL_new(context);
  if (!handle) {
    shaken.error = net::error::no_memory;
    co_return shaken;
  }
  secure_ = std::make_unique<Secure>(socket_, handle);
  tls::watch_client(handle, secure_->client);
  std::tie(shaken.error) = co_await secure_->stream.async_handshake(net::ssl::stream_base::server, as_result);
  if (!shaken.error) {
    shaken.tls.words = tls::words_of(handle);
    shaken.tls.is_client_known = tls::is_client_known(handle, secure_->client);
  }
  co_return shaken;
}

bool Stream::has_input() const {
  NetError error;
  return socket_.available(error) > 0;
}

std::string Stream::remote_address() const {
  NetError error;
  const Tcp::endpoint peer = socket_.remote_endpoint(error);
  if (error) return {};
  if (peer.address().is_v6() && peer.address().to_v6().is_v4_mapped())
    return net::ip::make_address_v4(net::ip::v4_mapped, peer.address().to_v6()).to_string();
  return peer.address().to_string();
}

void Stream::cancel() {
  NetError ignored;
  socket_.cancel(ignored);
}

/// close_notify is written, the peer's is not waited for.
Task<void> Stream::finish() {
  NetError ignored;
  if (secure_ && socket_.is_open()) {
    SSL_set_shutdown(secure_->stream.native_handle(), SSL_RECEIVED_SHUTDOWN);
    std::tie(ignored) = co_await secure_->stream.async_shutdown(as_result);
  }
  socket_.shutdown(Tcp::socket::shutdown_both, ignored);
}

void Stream::close() {
  NetError ignored;
  socket_.close(ignored);
}

} // namespace sekisho::relay
