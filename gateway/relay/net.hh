// The names of Asio that this folder uses.  Nothing outside relay/ sees Asio.
//
// Name it, then await it: a temporary of aggregate type or a capturing lambda inside a co_await expression
// is destroyed twice by g++ 12.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/address.hh"

#include <chrono>

namespace sekisho::relay {

namespace net = boost::asio;
using Tcp = net::ip::tcp;
using NetError = boost::system::error_code;
using SteadyClock = std::chrono::steady_clock;

template <class T> using Task = net::awaitable<T>;

/// co_await … gives {error, …} instead of throwing.
constexpr auto as_result = net::as_tuple(net::use_awaitable);

inline Tcp::endpoint endpoint_of(const Ip &ip, std::uint16_t port) {
  if (ip.is_v4()) return {net::ip::address_v4(ip.v4()), port};
  return {net::ip::address_v6(ip.octets), port};
}

/// Calls `task` to its end on its own; what it throws ends the process with its text: our own bug.
void start(net::io_context &loop, Task<void> task);

/// A wait that ends when somebody calls finish().
template <class T> class Waiter {
public:
  explicit Waiter(net::io_context &loop) : timer_(loop, SteadyClock::time_point::max()) {}
  /// What was said first stays.
  void finish(T value) {
    if (done_) return;
    value_ = std::move(value);
    done_ = true;
    timer_.cancel();
  }
  Task<T> wait() {
    while (!done_) co_await timer_.async_wait(as_result);
    co_return std::move(value_);
  }

private:
  net::steady_timer timer_;
  T value_{};
  bool done_ = false;
};

} // namespace sekisho::relay
