// Where mail comes in: listening sockets and the conversations behind them.
#pragma once

#include "gateway/relay/clients.hh"
#include "gateway/relay/counters.hh"
#include "gateway/relay/events.hh"
#include "gateway/relay/greylist_file.hh"
#include "gateway/relay/policy.hh"
#include "gateway/relay/recorder.hh"
#include "gateway/relay/refusals.hh"
#include "gateway/relay/settings.hh"
#include "gateway/relay/stream.hh"
#include "gateway/role/channel/secrets.hh"

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
  /// `greylist_file`: where the greylist is kept over a restart (GreylistFile).
  Doors(net::io_context &loop, const RelaySettings &settings, Policy &policy, Counters &counters,
        Recorder &recorder, TakeMail take_mail, std::string greylist_file);

  /// Opens one more door.  `fd` is borrowed: a listening socket of this zone.
  void open(int fd, const std::string &zone, std::uint16_t port, const std::string &relay);
  /// Certificates and keys for the rules as they are now.  Conversations that go on keep theirs.
  /// Errors: a file that the rules name is missing or broken; nothing has changed then.
  Result<void> set_secrets(const rules::RuleSet &rules, const role::Secrets &secrets);
  /// Hangs up on everybody whose zone is severed now.
  void policy_changed();
  /// No new conversation; the present ones get 421 as soon as their mail in hand is answered.
  void shut();
  std::size_t conversations() const { return conversations_.size(); }
  std::size_t greylisted() const { return greylist_.count(); }
  /// A listening socket for each relay of these rules is there.
  bool has_door(const std::string &zone, std::uint16_t port) const;

private:
  /// How full a door is: whose waits are short, nobody's, those of who has begun no mail, or everybody's.
  enum class Crowding : std::uint8_t { none, idle, all };
  struct Door {
    Tcp::acceptor acceptor;
    std::string zone;
    std::uint16_t port;
    std::string relay;
    Connections connections;
    Rates arrivals, mails, recipients;
    Crowding crowding = Crowding::none; // as of the last look
  };
  struct Conversation {
    Conversation(net::io_context &loop, Door &of, Tcp::socket socket)
        : door(of), stream(std::move(socket)), pause(loop) {}
    Door &door;
    Stream stream;
    std::string client; // its address; behind a balancer that of the real one
    Ip ip;
    std::optional<smtp::Session> session;
    SteadyClock::time_point deadline, last_moment;
    SteadyClock::time_point crowded_deadline; // instead, where the door's crowding says so
    net::steady_timer pause;
    std::size_t octets = 0;     // of its mail, in memory
    std::size_t unrewarded = 0; // octets since the deadline was last put off
    bool has_answered = true;   // since then
    Reason hang_up = Reason::none;
    bool is_counted = false; // in door.connections
    bool busy = false;       // a mail is being made durable: our time, not the peer's
    bool over = false;       // time is up though it was told so: the socket is closed
  };
  using Place = std::list<Conversation>::iterator;

  // doors.cc: who comes in, and when it is over
  Task<void> accept(Door &door);
  void greet(Door &door, Tcp::socket socket);
  Reason may_enter(Conversation &conversation);
  void begin(Conversation &conversation, Reason reason);
  Reason may_begin(Conversation &conversation);
  smtp::Route judge(Conversation &conversation, const smtp::Offer &offer);
  const std::string &name_of(const Door &door) const;
  rules::DoorRule rule_of(const Door &door) const;
  void end(Conversation &conversation, Reason reason);
  void tell_refusals(Conversation &conversation);
  Crowding crowding_of(const Door &door) const;
  static SteadyClock::time_point end_of(const Conversation &conversation);
  Task<void> watch();
  void flush_refusals();
  void keep_greylist();

  // conversation.cc: what is said
  Task<void> converse(Place place);
  Task<void> serve(Conversation &conversation);
  Task<Reason> read_proxy_header(Conversation &conversation);
  Task<bool> read(Conversation &conversation);
  void await_mail(Conversation &conversation);
  void put_off_deadline(Conversation &conversation);
  void weigh(Conversation &conversation, std::size_t octets);
  Task<bool> say(Conversation &conversation, smtp::Send send);
  Task<void> start_tls(Conversation &conversation);
  Task<void> hand_over(Conversation &conversation, smtp::Mail mail);
  void take_hang_up(Conversation &conversation);

  net::io_context &loop_;
  const RelaySettings &settings_;
  Policy &policy_;
  Counters &counters_;
  Recorder &recorder_;
  TakeMail take_mail_;
  std::list<Door> doors_;
  std::list<Conversation> conversations_;
  std::vector<std::byte> room_ = std::vector<std::byte>(128 * 1024); // what comes is read into it and taken out at once
  std::map<std::string, std::shared_ptr<SSL_CTX>> tls_; // by relay
  Greylist greylist_;
  GreylistFile greylist_file_;
  net::steady_timer timer_;
  std::size_t octets_ = 0; // of mails in memory, of all conversations
  bool shut_ = false;

  Refusals refusals_;
  SteadyClock::time_point next_flush_, next_keep_;
};

} // namespace sekisho::relay
