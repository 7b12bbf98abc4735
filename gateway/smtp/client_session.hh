// The client's side of one SMTP conversation as a value machine: hands mails to a next hop.  RFC 5321 §3,
// with PIPELINING (RFC 2920) and SIZE (RFC 1870) where offered.
//
//   connected: NeedInput, Send … until Idle; deliver(); NeedInput, Send … until Answered; again; quit()
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
  bool utf8 = false; // an address is not ASCII
  std::string trace; // header lines written before the mail, each with CRLF
  Bytes mail;        // CRLF lines, 7 bit
};

/// What the next hop said about one recipient.
struct Answer {
  enum class What : std::uint8_t { deferred, delivered, refused };
  What what = What::deferred;
  int code = 0;     // 0: it said nothing
  std::string text; // its words, printable, at most 200 octets
};

struct ClientNeedInput {};
struct ClientSend {
  std::string octets;
};
struct ClientIdle {};
struct ClientAnswered {
  std::vector<Answer> answers; // as Outgoing::recipients
};
/// The conversation is over.  `answers` when a mail was in hand.
struct ClientGone {
  std::string why;
  std::vector<Answer> answers;
};
using ClientAction = std::variant<ClientNeedInput, ClientSend, ClientIdle, ClientAnswered, ClientGone>;

class ClientSession {
public:
  explicit ClientSession(std::string host_name);

  void feed(Bytes input);
  /// The connection broke: what was not answered is deferred.
  void lost(std::string_view why);
  ClientAction next();
  /// Only after Idle or Answered.
  void deliver(Outgoing mail);
  void quit();

  bool pipelining() const { return pipelining_; }
  /// Text of the mail in hand went out: from here on a lost answer may have been a yes.
  bool mail_sent() const { return mail_sent_; }

private:
  enum class State : std::uint8_t {
    greeting, ehlo, helo, idle, mail, rcpt, data, end_of_data, reset, quit, gone
  };
  struct Reply {
    int code = 0;
    std::string text;
    std::vector<std::string> lines;
    bool good() const { return code >= 200 && code < 300; }
  };

  std::optional<Reply> take_reply();
  void obey(const Reply &reply);
  void read_extensions(const Reply &reply);
  void after_ehlo(const Reply &reply);
  void after_mail(const Reply &reply);
  void after_rcpt(const Reply &reply);
  void after_data(const Reply &reply);
  void after_end_of_data(const Reply &reply);
  std::string mail_command() const;
  std::string rcpt_command(std::size_t index) const;
  void ask_data();
  void send_mail();
  void answer_open(const Reply &reply);
  void finish(bool reset_needed);
  void give_up(std::string why);

  std::string host_name_;
  State state_ = State::greeting;
  std::string input_, output_, why_;
  bool pipelining_ = false, size_ = false, utf8_ = false;

  Outgoing mail_;
  std::vector<std::optional<Answer>> answers_;
  std::size_t asked_ = 0; // recipients whose reply came
  bool data_asked_ = false, answered_ = false, mail_sent_ = false;
};

} // namespace sekisho::smtp
