// Where mail comes in: listening sockets and the conversations behind them.
#pragma once

#include "gateway/relay/counters.hh"
#include "gateway/relay/events.hh"
#include "gateway/relay/net.hh"
#include "gateway/relay/policy.hh"
#include "gateway/relay/recorder.hh"
#include "gateway/relay/settings.hh"

#include <list>
#include <map>

namespace sekisho::relay {

/// What became of an offered mail.
struct Taken {
  Reason reason = Reason::spool_failed; // none: durable, and the record knows
  std::string receipt;
};
using TakeMail = std::function<Task<Taken>(smtp::Mail mail, std::string client_ip, std::string relay)>;

class Doors {
public:
  Doors(net::io_context &loop, const RelaySettings &settings, Policy &policy, Counters &counters,
        Recorder &recorder, TakeMail take_mail);

  /// Opens one more door.  `fd` is borrowed: a listening socket of this zone.
  void open(int fd, const std::string &zone, std::uint16_t port, const std::string &relay);
  /// Hangs up on everybody whose zone is severed now.
  void policy_changed();
  /// No new conversation; the present ones get 421 as soon as their mail in hand is answered.
  void shut();
  std::size_t conversations() const { return conversations_.size(); }
  /// A listening socket for each relay of these rules is there.
  bool has_door(const std::string &zone, std::uint16_t port) const;

private:
  struct Door {
    Tcp::acceptor acceptor;
    std::string zone;
    std::uint16_t port;
    std::string relay;
  };
  struct Conversation {
    Tcp::socket socket;
    std::string zone, relay, client;
    smtp::Session session;
    SteadyClock::time_point deadline, last_moment;
    Reason hang_up = Reason::none;
    bool busy = false; // a mail is being made durable: our time, not the peer's
    bool over = false; // time is up though it was told so: the socket is closed
  };
  using Place = std::list<Conversation>::iterator;

  Task<void> accept(Door &door);
  void greet(Door &door, Tcp::socket socket);
  Reason may_enter(const Door &door, const std::string &client) const;
  Task<void> converse(Place place);
  Task<void> serve(Conversation &conversation);
  Task<bool> read(Conversation &conversation);
  Task<bool> write(Conversation &conversation, std::string octets);
  Task<void> hand_over(Conversation &conversation, smtp::Mail mail);
  void end(Conversation &conversation, Reason reason);
  void tell_refusals(Conversation &conversation);
  void tell_refusal(const Conversation &conversation, const smtp::Refusal &refusal);
  Task<void> watch();
  void flush_refusals();

  net::io_context &loop_;
  const RelaySettings &settings_;
  Policy &policy_;
  Counters &counters_;
  Recorder &recorder_;
  TakeMail take_mail_;
  std::list<Door> doors_;
  std::list<Conversation> conversations_;
  net::steady_timer timer_;
  bool shut_ = false;

  /// The same refusal of the same peer is told once at once, then in sums: a flood cannot fill the record.
  struct Flood {
    events::Door door;
    smtp::Refusal last;
    std::uint64_t untold = 0;
  };
  std::map<std::pair<std::string, Reason>, Flood> floods_;
  SteadyClock::time_point next_flush_;
};

} // namespace sekisho::relay
