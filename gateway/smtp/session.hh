// The server's side of one SMTP conversation as a value machine: octets in, actions out.  No sockets, no
// clock.  RFC 5321; PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531),
// ENHANCEDSTATUSCODES (RFC 2034).
//
//   for (Action action = session.next();; action = session.next()) {
//     NeedInput  read from the peer, session.feed(octets)
//     Send       write the octets
//     MailReady  make it durable, then session.kept(receipt) or session.not_kept(reason)
//     Close      hang up
//   }
#pragma once

#include "gateway/smtp/command.hh"
#include "gateway/smtp/data.hh"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sekisho::smtp {

struct Limits {
  std::size_t recipients = 100;         // RFC 5321 §4.5.3.1.8
  std::size_t errors = 20;              // refused commands a session
  std::size_t idle_commands = 200;      // commands since the last mail, recipients not counted
  std::size_t text_line = 64 * 1024;    // octets; above RFC 5321's 1000, as every MTA tolerates more
  unsigned hops = 50;
};

struct Settings {
  std::string host_name;
  std::uint64_t size_limit = 20u << 20; // octets, the largest of any route; said in EHLO
  Limits limits;
};

/// What the policy says about one recipient.
struct Route {
  Reason reason = Reason::relay_denied; // none: taken
  std::size_t relay = 0;                // a mail goes by one relay only
  std::uint64_t size_limit = 0;
};
using FindRoute = std::function<Route(std::string_view recipient)>;

struct Mail {
  std::string helo;
  std::string from; // empty: null sender
  std::vector<std::string> recipients;
  bool utf8 = false;
  std::size_t relay = 0;
  unsigned hops = 0;
  Buffer bytes; // untrusted, lines end in CRLF
};

struct NeedInput {};
struct Send {
  std::string octets;
};
struct MailReady {
  Mail mail;
};
struct Close {
  Reason reason = Reason::none; // none: the peer said QUIT
};
using Action = std::variant<NeedInput, Send, MailReady, Close>;

/// One refusal, for counters and the record.
struct Refusal {
  Reason reason = Reason::none;
  std::string from, recipient; // as far as known
};

class Session {
public:
  Session(Settings settings, FindRoute find_route);

  void feed(Bytes input);
  Action next();
  /// The mail of MailReady is durable: 250 with the receipt number.
  void kept(std::string_view receipt);
  void not_kept(Reason reason);
  /// The driver ends the conversation: session_timeout, mail_zone_severed, too_many_connections …
  void hang_up(Reason reason);

  /// What was refused since the last call.
  std::vector<Refusal> take_refusals();
  /// Between mails: hanging up loses the peer nothing.
  bool idle() const { return !data_ && !waiting_; }
  bool in_data() const { return data_.has_value(); }

private:
  Action hand_out();
  bool step();
  bool step_command();
  bool step_data();
  std::optional<std::string> take_line();
  void obey(const Command &command);
  void greet(const Command &command);
  void begin_mail(const Command &command);
  void add_recipient(const Command &command);
  void begin_data();
  void end_data();
  void reset();
  void say(int code, std::string_view enhanced, std::string_view text);
  void refuse(Reason reason, std::string_view recipient = {});
  void close(Reason reason);

  Settings settings_;
  FindRoute find_route_;
  std::string input_;
  std::size_t used_ = 0; // octets of input_ already looked at
  std::string output_;
  bool greeted_ = false;  // 220 went out
  bool extended_ = false; // EHLO, not HELO
  bool waiting_ = false;  // for kept() or not_kept()
  bool handed_out_ = false;
  Reason hang_up_ = Reason::none;
  std::optional<Close> closing_;
  std::size_t errors_ = 0, idle_commands_ = 0;

  bool in_mail_ = false;
  std::uint64_t declared_size_ = 0, route_size_ = 0;
  Mail mail_;
  std::optional<DataReader> data_;
  std::vector<Refusal> refusals_;
};

} // namespace sekisho::smtp
