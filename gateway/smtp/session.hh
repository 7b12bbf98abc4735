// The server's side of one SMTP conversation as a value machine: octets in, actions out.  No sockets, no
// clock.  RFC 5321; PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531),
// CHUNKING (RFC 3030), DSN (RFC 3461), ENHANCEDSTATUSCODES (RFC 2034), STARTTLS (RFC 3207), REQUIRETLS
// (RFC 8689).
//
//   for (Action action = session.next();; action = session.next()) {
//     NeedInput  read from the peer, session.feed(octets)
//     Send       write the octets
//     StartTls   shake hands, then session.tls_started(tls) or session.tls_failed(reason)
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
  std::size_t errors = 20;              // refused commands a session, what these two allow not counted
  std::size_t refused_recipients = 100; // since the last mail, refused beside one that was taken
  std::size_t put_off_recipients = 1000; // the same, asked to come later
  std::size_t idle_commands = 200;      // commands since the last mail, recipients and large chunks not counted
  std::size_t text_line = 64 * 1024;    // octets; above RFC 5321's 1000, as every MTA tolerates more
  unsigned hops = 100;                  // RFC 5321 §6.3
};

enum class StartTlsUse : std::uint8_t {
  off,
  offered,
  required, // no mail without it
};

struct Settings {
  std::string host_name;
  std::string postmaster; // whom <postmaster> means; empty: nobody
  std::uint64_t size_limit = 20u << 20; // octets, the largest of any route; said in EHLO
  StartTlsUse tls = StartTlsUse::off;
  bool client_certificate = false; // no mail without one that is good
  Limits limits;
};

/// What a handshake came to.
struct Tls {
  std::string words;       // "TLSv1.3 TLS_AES_256_GCM_SHA384"
  bool is_client_known = false; // by a certificate of a listed issuer
};

/// One recipient, for the policy to judge.
struct Offer {
  std::string_view from, recipient; // from: empty for the null sender
  const Tls *tls = nullptr;         // null: in the clear
};
/// What the policy says about it.
struct Route {
  Reason reason = Reason::relay_denied; // none: taken
  std::size_t relay = 0;                // a mail goes by one relay only
  std::uint64_t size_limit = 0;
};
using FindRoute = std::function<Route(const Offer &offer)>;
/// Whether this client may begin one more mail.
using MayBegin = std::function<Reason(std::string_view from)>;

struct Mail {
  std::string helo;
  std::string from; // empty: null sender
  std::vector<std::string> recipients;
  std::vector<spool::Notify> notify; // by recipient
  std::string envelope_id;           // ENVID as it stood
  spool::Return returned = spool::Return::unsaid;
  bool utf8 = false;
  bool by_helo = false; // without service extensions
  bool require_tls = false;
  std::string tls; // Tls::words; empty: in the clear
  std::size_t relay = 0;
  unsigned hops = 0;
  Buffer bytes; // untrusted, lines end in CRLF
};

struct NeedInput {};
struct Send {
  std::string octets;
  std::size_t refusals = 0; // how many of these replies refuse something
};
struct StartTls {};
struct MailReady {
  Mail mail;
};
struct Close {
  Reason reason = Reason::none; // none: the peer said QUIT
};
using Action = std::variant<NeedInput, Send, StartTls, MailReady, Close>;

/// One refusal, for counters and the record.
struct Refusal {
  Reason reason = Reason::none;
  std::string from; // as far as known
  std::vector<std::string> recipients; // those that it is about; several: a whole mail was refused
};

class Session {
public:
  Session(Settings settings, FindRoute find_route, MayBegin may_begin = {});

  void feed(Bytes input);
  Action next();
  /// After StartTls: everything the peer said before is forgotten (RFC 3207 §4.2).
  void tls_started(Tls tls);
  /// Nothing more can be said: the next action is Close.
  void tls_failed(Reason reason);
  /// The mail of MailReady is durable: 250 with the receipt number.
  void kept(std::string_view receipt);
  void not_kept(Reason reason);
  /// The driver ends the conversation: session_timeout, mail_zone_severed, too_many_connections …
  void hang_up(Reason reason);

  /// What was refused since the last call.
  std::vector<Refusal> take_refusals();
  /// Between mails: hanging up loses the peer nothing.
  bool idle() const { return !data_ && !chunk_ && !waiting_; }
  bool in_mail() const { return in_mail_; }
  bool in_data() const { return chunk_ || (data_ && !by_chunks_); }
  /// Octets of the mail that is being read, and no more of it: its answer, when it has come to its end, is this refusal.
  std::size_t mail_octets() const { return data_ ? data_->kept_octets() : 0; }
  void drop_mail(Reason reason);
  const std::string &helo() const { return mail_.helo; }
  /// Octets of the conversation that are kept beside the mail: bounded, whatever comes.
  std::size_t kept_octets() const { return input_.size(); }

private:
  /// Octets that a BDAT line announced, taken in whether they are wanted or not.
  struct Chunk {
    std::uint64_t left = 0;
    bool last = false;
    Reason fault = Reason::none;
    bool is_for_nobody = false; // a mail is open, and none of its recipients was taken
  };

  // session.cc: the conversation
  Action hand_out();
  bool step();
  bool step_command();
  std::optional<std::string> take_line();
  void obey(const Command &command);
  bool must_wait_for_tls(Verb verb) const;
  void greet(const Command &command);
  void start_tls();
  void reset();
  void say(int code, std::string_view enhanced, std::string_view text);
  void refuse(Reason reason, std::string_view recipient = {});
  void refuse_recipient(Reason reason, const std::string &recipient);
  void answer_refused(Reason reason, std::string_view recipient);
  void note_refusal(Reason reason, std::vector<std::string> recipients = {});
  void close(Reason reason);

  // session_mail.cc: one mail
  bool step_data();
  bool step_chunk();
  void begin_mail(const Command &command);
  void add_recipient(const Command &command);
  void begin_data();
  void say_nobody_was_taken();
  void end_data();
  void begin_chunk(const Command &command);
  void end_chunk();
  void make_reader();
  void hand_in(Reason fault);

  Settings settings_;
  FindRoute find_route_;
  MayBegin may_begin_;
  std::string input_;
  std::size_t used_ = 0; // octets of input_ already looked at
  std::string output_;
  std::size_t refusals_in_output_ = 0;
  bool greeted_ = false;  // 220 went out
  bool extended_ = false; // EHLO, not HELO
  bool waiting_ = false;  // for kept() or not_kept()
  bool handed_out_ = false;
  bool shaking_hands_ = false; // for tls_started() or tls_failed()
  std::optional<Tls> tls_;
  Reason hang_up_ = Reason::none;
  std::optional<Close> closing_;
  std::size_t errors_ = 0, idle_commands_ = 0, refused_recipients_ = 0, put_off_recipients_ = 0;

  bool in_mail_ = false;
  std::uint64_t declared_size_ = 0, route_size_ = 0;
  Mail mail_;
  std::optional<DataReader> data_;
  bool by_chunks_ = false; // data_ is filled by BDAT
  std::optional<Chunk> chunk_;
  std::vector<Refusal> refusals_;
};

} // namespace sekisho::smtp
