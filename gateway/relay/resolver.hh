// Asks the resolver that the rules name, over TCP only (RFC 7766): no answer can be slipped in from beside, none is
// cut short, and the relay's jail needs no right to send datagrams.
#pragma once

#include "gateway/guard/dns.hh"
#include "gateway/relay/net.hh"

#include <deque>
#include <list>
#include <memory>

namespace sekisho::relay {

class Resolver {
public:
  Resolver(net::io_context &loop, Tcp::endpoint server) : loop_(loop), server_(std::move(server)) {}

  /// Failed where there is no answer within a few seconds, or by then.
  Task<guard::Answer> ask(guard::Question question, SteadyClock::time_point until);

private:
  struct Connection {
    explicit Connection(net::io_context &loop) : socket(loop), limit(loop) {}
    Tcp::socket socket;
    net::steady_timer limit;
    bool used = false; // an answer came over it: its end may be the resolver's idle limit
  };
  struct Kept {
    guard::Answer answer;
    SteadyClock::time_point until;
  };

  Task<void> take_turn();
  std::shared_ptr<Connection> connection();
  void end_turn();
  void put_away(std::shared_ptr<Connection> connection, bool good);
  Task<guard::Answer> ask_over(std::shared_ptr<Connection> connection, guard::Question question,
                               SteadyClock::time_point limit, bool &good);
  const guard::Answer *kept(const guard::Question &question);
  void keep(const guard::Question &question, const guard::Answer &answer);

  net::io_context &loop_;
  Tcp::endpoint server_;
  std::list<std::shared_ptr<Connection>> idle_;
  std::size_t turns_ = 0; // questions under way: no more connections than these at once
  std::deque<std::shared_ptr<Waiter<bool>>> waiting_;
  std::map<guard::Question, Kept> answers_;
};

} // namespace sekisho::relay
