#include "gateway/smtp/client_session.hh"

#include "base/base64.hh"
#include "base/text.hh"
#include "gateway/smtp/data.hh"
#include "gateway/smtp/outward.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace sekisho::smtp {
namespace {

constexpr std::size_t max_reply = 64 * 1024; // octets of one reply, all its lines
constexpr std::size_t max_words = 200;

std::string printable(std::string_view text) {
  std::string out(text.substr(0, max_words));
  for (char &c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return out;
}

/// The words of a reply's next line behind those before it; an enhanced status that stands in each line (RFC 2034 §4) once.
void add_words(std::string &words, std::string_view line) {
  const std::string_view code = line.substr(0, 3), text = line.substr(std::min<std::size_t>(4, line.size()));
  if (words.empty()) {
    words = printable(fmt::format("{}{}{}", code, text.empty() ? "" : " ", text));
    return;
  }
  const std::string_view first = std::string_view(words).substr(std::min<std::size_t>(4, words.size()));
  const std::string_view status = first.substr(0, first.find(' ') + 1); // with its blank
  const bool again = status.size() > 1 && status[1] == '.' && text.starts_with(status);
  if (words.size() < max_words) words += printable(fmt::format(" {}", again ? text.substr(status.size()) : text)).substr(0, max_words - words.size());
}

Answer::What meaning(int code) {
  if (code >= 200 && code < 300) return Answer::What::delivered;
  return code >= 500 && code < 600 ? Answer::What::refused : Answer::What::deferred;
}

/// "552 too many recipients" of old servers, which stands for 452 (RFC 5321 §4.5.3.1.10); what is full or too large says so itself.
bool may_be_one_too_many(std::string_view reply) {
  return reply.starts_with("552") && !reply.starts_with("552 5.2.") && !reply.starts_with("552 5.3.4");
}

} // namespace

void ClientSession::feed(Bytes input) {
  if (state_ == State::gone) return;
  input_.append(as_chars(input));
  while (state_ != State::gone && state_ != State::idle && state_ != State::handshake && !answered_) {
    std::optional<Reply> reply = take_reply();
    if (!reply) return;
    obey(*reply);
    if (!output_.empty() && !input_.empty()) answered_too_early();
  }
}

/// A reply that came before what it would answer was sent: that the next hop has a mail which it never saw.
void ClientSession::answered_too_early() {
  mail_sent_ = false; // nor will it see it
  give_up("next hop spoke out of turn");
}

void ClientSession::lost(std::string_view why, Reason reason) {
  give_up(std::string(why), state_ == State::reset ? Reason::none : reason);
}

void ClientSession::cut_short(Bytes said, std::string_view why) {
  if (state_ == State::end_of_data && mail_sent_) {
    input_.append(as_chars(said));
    const std::optional<Reply> reply = take_reply();
    if (reply && reply->code >= 400 && reply->code < 600) {
      answer_open(*reply);
      mail_sent_ = false;
      return give_up(reply->text, Reason::none);
    }
  }
  lost(why);
}

void ClientSession::secured() {
  if (state_ != State::handshake) return give_up("TLS out of turn", Reason::next_hop_tls_failed);
  is_secured_ = true;
  offered_ = {};
  input_.clear();
  say_hello();
}

ClientAction ClientSession::next() {
  if (!output_.empty() && state_ != State::gone) return ClientSend{std::exchange(output_, {})};
  if (answered_ || state_ == State::gone) {
    std::vector<Answer> answers;
    for (std::optional<Answer> &answer : answers_) answers.push_back(answer.value_or(Answer{}));
    answers_.clear();
    answered_ = false;
    if (state_ == State::gone) return ClientGone{why_, std::move(answers), reason_};
    return ClientAnswered{std::move(answers)};
  }
  if (state_ == State::handshake) return ClientStartTls{};
  if (state_ == State::idle) return ClientIdle{};
  return ClientNeedInput{};
}

/// One whole reply, RFC 5321 §4.2.1.
std::optional<ClientSession::Reply> ClientSession::take_reply() {
  Reply reply;
  std::size_t position = 0;
  while (true) {
    const std::size_t end = input_.find("\r\n", position);
    if (end == std::string::npos) {
      if (input_.size() > max_reply) give_up("reply above the limit");
      return std::nullopt;
    }
    std::string_view line(input_.data() + position, end - position);
    auto digit = [&](std::size_t i) { return line[i] >= '0' && line[i] <= '9'; };
    if (line.size() < 3 || !digit(0) || !digit(1) || !digit(2) ||
        (line.size() > 3 && line[3] != ' ' && line[3] != '-')) {
      give_up("not an SMTP reply: " + printable(line));
      return std::nullopt;
    }
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (reply.code != 0 && reply.code != code) {
      give_up("reply with two codes");
      return std::nullopt;
    }
    reply.code = code;
    std::string_view text = line.substr(std::min<std::size_t>(4, line.size()));
    reply.lines.emplace_back(text);
    add_words(reply.text, line);
    position = end + 2;
    if (position > max_reply) {
      give_up("reply above the limit");
      return std::nullopt;
    }
    if (line.size() == 3 || line[3] == ' ') break;
  }
  input_.erase(0, position);
  return reply;
}

void ClientSession::obey(const Reply &reply) {
  if (state_ == State::end_of_data && !reply.good()) mail_sent_ = false; // heard: it did not take it
  if (reply.code == 421 && state_ != State::login) { // §3.8: it is closing
    answer_open(reply);
    return give_up(reply.text);
  }
  switch (state_) {
  case State::greeting:
    if (!reply.good()) return give_up(reply.text);
    return say_hello();
  case State::ehlo: return after_ehlo(reply);
  case State::starttls: return after_starttls(reply);
  case State::login: return after_login(reply);
  case State::helo:
    if (!reply.good()) return give_up(reply.text);
    state_ = State::idle;
    return;
  case State::mail: return after_mail(reply);
  case State::rcpt: return after_rcpt(reply);
  case State::data: return after_data(reply);
  case State::end_of_data: return after_end_of_data(reply);
  case State::reset:
    if (!reply.good()) return give_up(reply.text);
    answered_ = true;
    state_ = State::idle;
    return;
  case State::quit: return give_up("");
  case State::handshake:
  case State::idle:
  case State::gone: return;
  }
}

void ClientSession::say_hello() {
  output_ = fmt::format("EHLO {}\r\n", settings_.host_name);
  state_ = State::ehlo;
}

void ClientSession::after_ehlo(const Reply &reply) {
  const bool must_be_secured = settings_.tls == ClientTls::required || !settings_.user.empty();
  if (reply.good()) {
    read_extensions(reply);
    if (!is_secured_ && settings_.tls != ClientTls::off && offered_.starttls) {
      output_ = "STARTTLS\r\n";
      state_ = State::starttls;
    } else if (!is_secured_ && must_be_secured) {
      give_up("STARTTLS is not offered", Reason::next_hop_tls_failed);
    } else if (!settings_.user.empty()) {
      begin_login();
    } else {
      state_ = State::idle;
    }
  } else if (reply.code >= 500 && must_be_secured) {
    give_up(reply.text, Reason::next_hop_tls_failed);
  } else if (reply.code >= 500) { // §3.2: an old server
    output_ = fmt::format("HELO {}\r\n", settings_.host_name);
    state_ = State::helo;
  } else {
    give_up(reply.text);
  }
}

void ClientSession::read_extensions(const Reply &reply) {
  offered_ = {};
  for (const std::string &line : reply.lines) read_extension(line);
}

void ClientSession::read_extension(std::string line) {
  std::transform(line.begin(), line.end(), line.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const std::string_view whole = line;
  const std::string_view word = whole.substr(0, whole.find(' '));
  const std::string_view rest = whole.substr(std::min(word.size() + 1, whole.size()));
  const auto has = [&](std::string_view name) { return fmt::format(" {} ", rest).find(fmt::format(" {} ", name)) != std::string::npos; };
  if (word == "PIPELINING") offered_.pipelining = true;
  if (word == "8BITMIME") offered_.eight_bit = true;
  if (word == "SMTPUTF8") offered_.utf8 = true;
  if (word == "DSN") offered_.dsn = true;
  if (word == "STARTTLS") offered_.starttls = true;
  if (word == "REQUIRETLS") offered_.require_tls = true;
  if (word == "AUTH") offered_.plain = has("PLAIN"), offered_.login = has("LOGIN");
  if (word != "SIZE") return;
  offered_.size = true;
  (void)std::from_chars(rest.data(), rest.data() + rest.size(), offered_.size_limit);
}

/// What stands behind the 220 in the clear was not said by whom TLS will show (RFC 3207 §4.2, CVE-2011-0411).
void ClientSession::after_starttls(const Reply &reply) {
  if (reply.code == 220 && input_.empty()) {
    state_ = State::handshake;
  } else if (reply.code == 220) {
    give_up("next hop spoke between STARTTLS and TLS", Reason::next_hop_tls_failed);
  } else if (settings_.tls == ClientTls::required || !settings_.user.empty()) {
    give_up(reply.text, Reason::next_hop_tls_failed);
  } else {
    state_ = State::idle; // offered, and then not: as if it had not been
  }
}

void ClientSession::begin_login() {
  state_ = State::login;
  login_steps_ = 0;
  if (offered_.plain) // RFC 4616
    output_ = fmt::format("AUTH PLAIN {}\r\n", base64('\0' + settings_.user + '\0' + settings_.password));
  else if (offered_.login)
    output_ = "AUTH LOGIN\r\n";
  else
    give_up("neither AUTH PLAIN nor AUTH LOGIN is offered", Reason::next_hop_login_failed);
}

/// Of a refusal only the code is told: its words might repeat what was sent.
void ClientSession::after_login(const Reply &reply) {
  if (reply.code == 235) {
    state_ = State::idle;
  } else if (reply.code == 334 && !offered_.plain && login_steps_ < 2) {
    output_ = base64(login_steps_++ == 0 ? settings_.user : settings_.password) + "\r\n";
  } else {
    give_up(fmt::format("answered {} to the login", reply.code), Reason::next_hop_login_failed);
  }
}

void ClientSession::deliver(Outgoing mail) {
  mail_ = std::move(mail);
  answers_.assign(mail_.recipients.size(), std::nullopt);
  asked_ = 0;
  data_asked_ = answered_ = mail_sent_ = false;
  if (state_ != State::idle) return give_up("not connected");
  if (!input_.empty()) return give_up("next hop spoke out of turn");
  if (std::optional<Answer> cannot = cannot_be_sent()) {
    answers_.assign(mail_.recipients.size(), std::move(cannot));
    answered_ = true;
    return;
  }
  output_ = mail_command();
  state_ = State::mail;
  if (!offered_.pipelining) return;
  for (std::size_t i = 0; i < mail_.recipients.size(); ++i) output_ += rcpt_command(i);
  ask_data();
}

/// Nothing is left out of a mail so that a next hop could take it.
std::optional<Answer> ClientSession::cannot_be_sent() {
  const auto refused = [](Reason reason, std::string why) {
    return Answer{Answer::What::refused, 0, std::move(why), reason};
  };
  const Shape trace = shape_of(as_bytes(mail_.trace)), text = shape_of(mail_.mail);
  const bool paths_good = is_path_safe(mail_.from) && std::ranges::all_of(mail_.recipients, is_path_safe);
  if (!trace.good || !text.good || !paths_good)
    return refused(Reason::job_bad_reply, "a line that must not be written");
  eight_bit_ = trace.eight_bit || text.eight_bit;
  const std::string_view header = as_chars(mail_.mail).substr(0, as_chars(mail_.mail).find("\r\n\r\n"));
  needs_utf8_ = mail_.utf8 && !(is_ascii(mail_.from) && std::ranges::all_of(mail_.recipients, is_ascii) && is_ascii(header));
  if (needs_utf8_ && !offered_.utf8)
    return refused(Reason::next_hop_unable, "next hop does not take UTF-8 addresses and headers (SMTPUTF8)");
  if (eight_bit_ && !offered_.eight_bit)
    return refused(Reason::next_hop_unable, "next hop does not take 8-bit text (8BITMIME)");
  if (mail_.require_tls && !(is_secured_ && settings_.certificate_is_checked && offered_.require_tls))
    return refused(Reason::next_hop_unable, "next hop does not promise TLS all the way (REQUIRETLS)");
  const std::uint64_t size = mail_.trace.size() + mail_.mail.size();
  if (offered_.size_limit > 0 && size > offered_.size_limit)
    return refused(Reason::next_hop_unable,
                   fmt::format("{} octets; next hop takes {} at most (SIZE)", size, offered_.size_limit));
  return std::nullopt;
}

std::string ClientSession::mail_command() const {
  std::string command = fmt::format("MAIL FROM:<{}>", mail_.from);
  if (offered_.size) command += fmt::format(" SIZE={}", mail_.trace.size() + mail_.mail.size());
  if (eight_bit_) command += " BODY=8BITMIME";
  if (needs_utf8_) command += " SMTPUTF8";
  if (mail_.require_tls) command += " REQUIRETLS";
  if (offered_.dsn && !mail_.mail_parameters.empty()) command += " " + mail_.mail_parameters;
  return command + "\r\n";
}

std::string ClientSession::rcpt_command(std::size_t index) const {
  std::string command = fmt::format("RCPT TO:<{}>", mail_.recipients[index]);
  if (offered_.dsn && index < mail_.recipient_parameters.size() && !mail_.recipient_parameters[index].empty())
    command += " " + mail_.recipient_parameters[index];
  return command + "\r\n";
}

void ClientSession::ask_data() {
  output_ += "DATA\r\n";
  data_asked_ = true;
}

void ClientSession::after_mail(const Reply &reply) {
  if (!reply.good()) {
    answer_open(reply);
    if (!offered_.pipelining) return finish(true);
  }
  state_ = State::rcpt;
  if (!offered_.pipelining) output_ = rcpt_command(0);
}

void ClientSession::after_rcpt(const Reply &reply) {
  const auto before = answers_.begin() + static_cast<std::ptrdiff_t>(asked_);
  std::optional<Answer> &answer = answers_[asked_++];
  if (!reply.good() && !answer) {
    const bool is_one_too_many = may_be_one_too_many(reply.text) && std::find(answers_.begin(), before, std::nullopt) != before;
    answer = Answer{is_one_too_many ? Answer::What::deferred : meaning(reply.code), reply.code, reply.text};
  }
  if (asked_ < mail_.recipients.size()) {
    if (!offered_.pipelining) output_ = rcpt_command(asked_);
    return;
  }
  if (!data_asked_) {
    const bool any_open = std::any_of(answers_.begin(), answers_.end(),
                                      [](const auto &open) { return !open.has_value(); });
    if (!any_open) return finish(true);
    ask_data();
  }
  state_ = State::data;
}

void ClientSession::after_data(const Reply &reply) {
  const bool any_open = std::any_of(answers_.begin(), answers_.end(),
                                    [](const auto &open) { return !open.has_value(); });
  if (reply.code != 354) {
    answer_open(reply.good() ? Reply{451, "odd reply to DATA: " + reply.text, {}} : reply);
    return finish(true);
  }
  state_ = State::end_of_data;
  if (any_open) send_mail();
  else output_ = ".\r\n"; // RFC 2920 §3.1: DATA was taken though no recipient was
}

void ClientSession::send_mail() {
  mail_sent_ = true;
  output_ = mail_.trace;
  output_ += stuff_dots(mail_.mail);
}

void ClientSession::after_end_of_data(const Reply &reply) {
  answer_open(reply);
  finish(!reply.good());
}

/// Whoever has no answer yet gets this one.
void ClientSession::answer_open(const Reply &reply) {
  for (std::optional<Answer> &answer : answers_)
    if (!answer) answer = Answer{meaning(reply.code), reply.code, reply.text};
}

void ClientSession::finish(bool reset_needed) {
  if (reset_needed) {
    output_ = "RSET\r\n";
    state_ = State::reset;
    return;
  }
  answered_ = true;
  state_ = State::idle;
}

void ClientSession::quit() {
  if (state_ == State::gone) return;
  output_ = "QUIT\r\n";
  state_ = State::quit;
}

void ClientSession::give_up(std::string why, Reason reason) {
  if (state_ == State::gone) return; // the first word on it stands
  why_ = std::move(why);
  reason_ = reason;
  answered_ = false;
  state_ = State::gone;
}

} // namespace sekisho::smtp
