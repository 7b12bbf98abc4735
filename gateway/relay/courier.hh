// Takes harmless mails to one next hop: a few conversations, used again for one mail after the other.
#pragma once

#include "gateway/relay/net.hh"
#include "gateway/relay/settings.hh"
#include "gateway/relay/tls_out.hh"
#include "gateway/smtp/client_session.hh"

#include <deque>
#include <functional>
#include <list>
#include <memory>

namespace sekisho::relay {

struct Delivery {
  std::vector<smtp::Answer> answers; // as Outgoing::recipients
  std::string trouble;               // why nobody answered: cannot connect, connection lost …
  Reason reason = Reason::none;      // its name; none: there are answers
  bool may_be_taken = false;         // the text went out: a lost answer may have been a yes
  bool knows_dsn = false;            // it was told what the sender asked for (RFC 3461)
  bool withheld = false;             // it may not go any more: nobody was asked
  std::string tls;                   // "TLSv1.3 TLS_AES_256_GCM_SHA384", by which it went; empty: in the clear
};

/// One next hop as the rules have it.
struct HopWay {
  Tcp::endpoint endpoint;
  std::size_t connections = 4;          // at once
  std::size_t mails_per_connection = 0; // 0: any number
  std::size_t mails_per_minute = 0;     // 0: as fast as it goes
  smtp::ClientTls tls = smtp::ClientTls::off;
  TlsTrust trust;
  std::string user, password; // user empty: no login
  bool operator==(const HopWay &) const = default;
};

class Courier {
public:
  Courier(net::io_context &loop, const RelaySettings &settings) : loop_(loop), settings_(settings) {}

  /// Where to and how; conversations of another way end after their mail in hand.
  void set_way(HopWay way);
  const Tcp::endpoint &next_hop() const { return way_.endpoint; }
  /// Asked last before a conversation takes the mail, and now and then while it waits.
  using MayGo = std::function<bool()>;
  /// `outgoing.mail` must stay until the answer.  `is_last_hope`: no other next hop will be asked; else a conversation that
  /// begins for it has less time to begin.
  Task<Delivery> deliver(smtp::Outgoing outgoing, MayGo may_go, bool is_last_hope);
  /// Ends every conversation at once; what was in hand or waited is deferred.
  void cut();
  /// Ends conversations whose peer is silent for too long, and the waiting of what may not go.  To be called about once a
  /// second.
  void watch();
  std::size_t in_hand() const { return in_hand_; }
  /// Nothing of it is under way any more: it may be destroyed.
  bool is_idle() const { return conversations_.empty() && jobs_.empty() && pacing_.empty(); }

private:
  struct Job {
    smtp::Outgoing outgoing;
    MayGo may_go;
    std::shared_ptr<Waiter<Delivery>> waiter;
    bool is_last_hope;
  };
  struct Pacing { // waits for its turn in the minute
    net::steady_timer timer;
    const MayGo &may_go;
  };
  struct Conversation {
    Tcp::socket socket;
    std::uint64_t way; // number of the way it was begun under
    HopWay under;
    std::shared_ptr<const TlsContext> context;
    smtp::ClientSession session;
    net::steady_timer idle;
    std::unique_ptr<TlsOut> tls = {};
    SteadyClock::time_point deadline = SteadyClock::time_point::max();
    bool is_last_hope = true; // of whom it was begun for
    bool begun = false;       // said hello; it takes mails
    bool leaving = false;     // said QUIT
    bool waiting = false;     // for a job
    std::size_t carried = 0;  // mails
    bool rested = false;      // waited for one: a loss then may be the peer's idle limit
    bool ended = false;       // by cut(): it gets nothing more
  };
  using Place = std::list<Conversation>::iterator;

  Task<bool> take_pace(const MayGo &may_go);
  void give_work();
  Task<void> converse(Place place);
  Task<bool> connect(Conversation &conversation, Delivery &failed);
  Task<void> work(Conversation &conversation);
  Task<smtp::ClientAction> drive(Conversation &conversation);
  Task<void> send(Conversation &conversation, std::string octets);
  static bool has_left(Conversation &conversation);
  static std::string said_by_now(Conversation &conversation);
  Task<void> receive(Conversation &conversation);
  Task<void> shake_hands(Conversation &conversation);
  Task<std::string> write_raw(Conversation &conversation, std::string octets);
  Task<bool> wait_for_job(Conversation &conversation);
  bool takes_more(const Conversation &conversation) const;
  std::size_t most_at_once() const;
  Seconds patience_with(const Conversation &conversation) const;
  void fail_jobs(const Delivery &failed);

  net::io_context &loop_;
  const RelaySettings &settings_;
  HopWay way_;
  std::uint64_t way_number_ = 0;
  std::shared_ptr<const TlsContext> context_;
  std::string context_trouble_;
  std::deque<Job> jobs_;
  std::list<Conversation> conversations_;
  std::size_t in_hand_ = 0;
  std::size_t peer_takes_ = 0;               // conversations at once, until then
  SteadyClock::time_point peer_takes_until_{};
  std::list<Pacing> pacing_;
  std::uint64_t cuts_ = 0;
  SteadyClock::time_point next_turn_{};
};

} // namespace sekisho::relay
