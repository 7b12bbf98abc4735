// The client's side of one SMTP conversation as a value machine: hands mails to a next hop.  RFC 5321 §3,
// with PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152), SMTPUTF8 (RFC 6531), DSN (RFC 3461),
// STARTTLS (RFC 3207), REQUIRETLS (RFC 8689) and AUTH (RFC 4954) where offered.
//
//   connected: NeedInput, Send … until Idle; deliver(); NeedInput, Send … until Answered; again; quit()
//   StartTls: shake hands, then secured(), or lost() with what went wrong
#pragma once

#include "base/bytes.hh"
#include "base/reason.hh"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sekisho::smtp {

/// Borrowed octets must live until Answered or Gone.
struct Outgoing {
  std::string from;
  std::vector<std::string> recipients;
  bool utf8 = false;        // addresses and header may be not ASCII
  bool require_tls = false; // RFC 8689: to nobody who would not pass it on so
  std::string trace;        // header lines written before the mail, each with CRLF
  Bytes mail;               // CRLF lines
  // Said where the next hop offers DSN (RFC 3461 §4), else to nobody.
  std::string mail_parameters;                   // "RET=HDRS ENVID=QQ314159"
  std::vector<std::string> recipient_parameters; // "NOTIFY=FAILURE"; shorter: the others have none
};

/// What the next hop said about one recipient.
struct Answer {
  enum class What : std::uint8_t { deferred, delivered, refused };
  What what = What::deferred;
  int code = 0;     // 0: it said nothing
  std::string text; // its words, printable, at most 200 octets
  Reason reason = Reason::none; // refused without asking it: next_hop_unable, job_bad_reply
};

enum class ClientTls : std::uint8_t { off, offered, required };

struct ClientSettings {
  std::string host_name;
  ClientTls tls = ClientTls::off;
  bool certificate_is_checked = false; // by the rules: REQUIRETLS needs it
  std::string user = {}, password = {}; // user empty: no login
};

struct ClientNeedInput {};
struct ClientSend {
  std::string octets;
};
/// From the next octet on it is TLS.
struct ClientStartTls {};
struct ClientIdle {};
struct ClientAnswered {
  std::vector<Answer> answers; // as Outgoing::recipients
};
/// The conversation is over.  `answers` when a mail was in hand.
struct ClientGone {
  std::string why;
  std::vector<Answer> answers;
  Reason reason = Reason::next_hop_unreachable; // none: everybody has his answer
};
using ClientAction =
    std::variant<ClientNeedInput, ClientSend, ClientStartTls, ClientIdle, ClientAnswered, ClientGone>;

class ClientSession {
public:
  explicit ClientSession(ClientSettings settings) : settings_(std::move(settings)) {}
  explicit ClientSession(std::string host_name) { settings_.host_name = std::move(host_name); }

  void feed(Bytes input);
  /// TLS stands: whatever was learnt before is forgotten (RFC 3207 §4.2).
  void secured();
  /// The connection broke: what was not answered is deferred.
  void lost(std::string_view why, Reason reason = Reason::next_hop_unreachable);
  /// It broke before all of the last Send was written.  A next hop that wants no more of a mail says so and hangs up: what `said` it
  /// until then is its answer, unless that is a yes.
  void cut_short(Bytes said, std::string_view why);
  ClientAction next();
  /// Only after Idle or Answered.
  void deliver(Outgoing mail);
  void quit();

  bool pipelining() const { return offered_.pipelining; }
  /// It said something that nothing was asked for.
  bool spoke_unasked() const { return state_ == State::idle && !input_.empty(); }
  bool offers_dsn() const { return offered_.dsn; }
  /// Text of the mail in hand went out: from here on a lost answer may have been a yes.
  bool mail_sent() const { return mail_sent_; }

private:
  enum class State : std::uint8_t {
    greeting, ehlo, helo, starttls, handshake, login, idle, mail, rcpt, data, end_of_data, reset, quit, gone
  };
  struct Reply {
    int code = 0;
    std::string text;
    std::vector<std::string> lines;
    bool good() const { return code >= 200 && code < 300; }
  };
  struct Offered {
    bool pipelining = false, size = false, eight_bit = false, utf8 = false, dsn = false, starttls = false,
         require_tls = false, plain = false, login = false;
    std::uint64_t size_limit = 0; // 0: none said
  };

  std::optional<Reply> take_reply();
  void obey(const Reply &reply);
  void answered_too_early();
  void say_hello();
  void read_extension(std::string line);
  void read_extensions(const Reply &reply);
  void after_ehlo(const Reply &reply);
  void after_starttls(const Reply &reply);
  void begin_login();
  void after_login(const Reply &reply);
  void after_mail(const Reply &reply);
  void after_rcpt(const Reply &reply);
  void after_data(const Reply &reply);
  void after_end_of_data(const Reply &reply);
  std::optional<Answer> cannot_be_sent();
  std::string mail_command() const;
  std::string rcpt_command(std::size_t index) const;
  void ask_data();
  void send_mail();
  void answer_open(const Reply &reply);
  void finish(bool reset_needed);
  void give_up(std::string why, Reason reason = Reason::next_hop_unreachable);

  ClientSettings settings_;
  State state_ = State::greeting;
  std::string input_, output_, why_;
  Reason reason_ = Reason::next_hop_unreachable; // of having given up
  Offered offered_;
  bool is_secured_ = false;
  unsigned login_steps_ = 0; // of AUTH LOGIN: what was sent

  Outgoing mail_;
  bool eight_bit_ = false, needs_utf8_ = false;
  std::vector<std::optional<Answer>> answers_;
  std::size_t asked_ = 0; // recipients whose reply came
  bool data_asked_ = false, answered_ = false, mail_sent_ = false;
};

} // namespace sekisho::smtp
