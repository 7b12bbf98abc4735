// Takes harmless mails to one next hop: a few conversations, used again for one mail after the other.
#pragma once

#include "gateway/relay/net.hh"
#include "gateway/relay/settings.hh"
#include "gateway/smtp/client_session.hh"

#include <deque>
#include <list>
#include <memory>

namespace sekisho::relay {

struct Delivery {
  std::vector<smtp::Answer> answers; // as Outgoing::recipients
  std::string trouble;               // why nobody answered: cannot connect, connection lost …
};

class Courier {
public:
  Courier(net::io_context &loop, const RelaySettings &settings) : loop_(loop), settings_(settings) {}

  /// Where to; conversations with another place end after their mail in hand.
  void set_next_hop(const Tcp::endpoint &next_hop);
  const Tcp::endpoint &next_hop() const { return next_hop_; }
  /// `outgoing.mail` must stay until the answer.
  Task<Delivery> deliver(smtp::Outgoing outgoing);
  /// Ends every conversation at once; what was in hand or waited is deferred.
  void cut();
  /// Ends conversations whose peer is silent for too long.  To be called about once a second.
  void watch();
  std::size_t waiting() const { return jobs_.size(); }
  std::size_t in_hand() const { return in_hand_; }

private:
  struct Job {
    smtp::Outgoing outgoing;
    std::shared_ptr<Waiter<Delivery>> waiter;
  };
  struct Conversation {
    Tcp::socket socket;
    Tcp::endpoint next_hop;
    smtp::ClientSession session;
    net::steady_timer idle;
    SteadyClock::time_point deadline = SteadyClock::time_point::max();
    bool waiting = false; // for a job
    bool used = false;    // has delivered a mail: a loss then may be the peer's idle limit
    bool ended = false;   // by cut(): it gets nothing more
  };
  using Place = std::list<Conversation>::iterator;

  void give_work();
  Task<void> converse(Place place);
  Task<std::string> connect(Conversation &conversation);
  Task<void> work(Conversation &conversation);
  Task<smtp::ClientAction> drive(Conversation &conversation);
  Task<bool> wait_for_job(Conversation &conversation);
  void fail_jobs(const std::string &trouble);
  static Delivery nothing(const smtp::Outgoing &outgoing, const std::string &trouble);

  net::io_context &loop_;
  const RelaySettings &settings_;
  Tcp::endpoint next_hop_;
  std::deque<Job> jobs_;
  std::list<Conversation> conversations_;
  std::size_t in_hand_ = 0;
};

} // namespace sekisho::relay
