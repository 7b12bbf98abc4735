// A thread for SHA-256 of large mails: a megabyte takes the time in which a hundred small mails come in.
#pragma once

#include "gateway/relay/keeper.hh"

#include <boost/asio/thread_pool.hpp>

namespace sekisho::relay {

class Digester {
public:
  explicit Digester(net::io_context &loop) : loop_(loop) {}

  using Answer = std::shared_ptr<Waiter<std::string>>;
  /// As job::sha256_hex; of a small mail it is there when this returns.
  Answer begin(SharedBuffer mail);

private:
  net::io_context &loop_;
  net::thread_pool thread_{1};
};

} // namespace sekisho::relay
