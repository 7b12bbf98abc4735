#include "gateway/smtp/client_session.hh"

#include "gateway/smtp/data.hh"

#include <fmt/format.h>

#include <algorithm>
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

Answer::What meaning(int code) {
  if (code >= 200 && code < 300) return Answer::What::delivered;
  return code >= 500 && code < 600 ? Answer::What::refused : Answer::What::deferred;
}

} // namespace

ClientSession::ClientSession(std::string host_name) : host_name_(std::move(host_name)) {}

void ClientSession::feed(Bytes input) {
  if (state_ == State::gone) return;
  input_.append(as_chars(input));
  while (state_ != State::gone && state_ != State::idle && !answered_) {
    std::optional<Reply> reply = take_reply();
    if (!reply) return;
    obey(*reply);
  }
}

void ClientSession::lost(std::string_view why) { give_up(std::string(why)); }

ClientAction ClientSession::next() {
  if (!output_.empty() && state_ != State::gone) return ClientSend{std::exchange(output_, {})};
  if (answered_ || state_ == State::gone) {
    std::vector<Answer> answers;
    for (std::optional<Answer> &answer : answers_) answers.push_back(answer.value_or(Answer{}));
    answers_.clear();
    answered_ = false;
    if (state_ == State::gone) return ClientGone{why_, std::move(answers)};
    return ClientAnswered{std::move(answers)};
  }
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
    if (reply.text.empty()) reply.text = printable(line);
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
  if (reply.code == 421) { // §3.8: it is closing
    answer_open(reply);
    return give_up(reply.text);
  }
  switch (state_) {
  case State::greeting:
    if (!reply.good()) return give_up(reply.text);
    output_ = fmt::format("EHLO {}\r\n", host_name_);
    state_ = State::ehlo;
    return;
  case State::ehlo: return after_ehlo(reply);
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
  case State::idle:
  case State::gone: return;
  }
}

void ClientSession::after_ehlo(const Reply &reply) {
  if (reply.good()) {
    read_extensions(reply);
    state_ = State::idle;
  } else if (reply.code >= 500) { // §3.2: an old server
    output_ = fmt::format("HELO {}\r\n", host_name_);
    state_ = State::helo;
  } else {
    give_up(reply.text);
  }
}

void ClientSession::read_extensions(const Reply &reply) {
  for (std::string line : reply.lines) {
    std::transform(line.begin(), line.end(), line.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    const std::string_view word = std::string_view(line).substr(0, line.find(' '));
    if (word == "PIPELINING") pipelining_ = true;
    if (word == "SIZE") size_ = true;
    if (word == "SMTPUTF8") utf8_ = true;
  }
}

void ClientSession::deliver(Outgoing mail) {
  mail_ = std::move(mail);
  answers_.assign(mail_.recipients.size(), std::nullopt);
  asked_ = 0;
  data_asked_ = answered_ = mail_sent_ = false;
  if (state_ != State::idle) return give_up("not connected");
  if (!input_.empty()) return give_up("next hop spoke out of turn");
  const bool lines_good = has_only_crlf(mail_.mail) && has_only_crlf(as_bytes(mail_.trace));
  if (!lines_good || (mail_.utf8 && !utf8_)) {
    answers_.assign(mail_.recipients.size(),
                    Answer{Answer::What::refused, 0,
                           lines_good ? "next hop does not take UTF-8 addresses (SMTPUTF8)"
                                      : "bare line end"});
    answered_ = true;
    return;
  }
  output_ = mail_command();
  state_ = State::mail;
  if (!pipelining_) return;
  for (std::size_t i = 0; i < mail_.recipients.size(); ++i) output_ += rcpt_command(i);
  ask_data();
}

std::string ClientSession::mail_command() const {
  std::string command = fmt::format("MAIL FROM:<{}>", mail_.from);
  if (size_) command += fmt::format(" SIZE={}", mail_.trace.size() + mail_.mail.size());
  if (mail_.utf8) command += " SMTPUTF8";
  return command + "\r\n";
}

std::string ClientSession::rcpt_command(std::size_t index) const {
  return fmt::format("RCPT TO:<{}>\r\n", mail_.recipients[index]);
}

void ClientSession::ask_data() {
  output_ += "DATA\r\n";
  data_asked_ = true;
}

void ClientSession::after_mail(const Reply &reply) {
  if (!reply.good()) {
    answer_open(reply);
    if (!pipelining_) return finish(true);
  }
  state_ = State::rcpt;
  if (!pipelining_) output_ = rcpt_command(0);
}

void ClientSession::after_rcpt(const Reply &reply) {
  std::optional<Answer> &answer = answers_[asked_++];
  if (!reply.good() && !answer) answer = Answer{meaning(reply.code), reply.code, reply.text};
  if (asked_ < mail_.recipients.size()) {
    if (!pipelining_) output_ = rcpt_command(asked_);
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

void ClientSession::give_up(std::string why) {
  why_ = std::move(why);
  answered_ = false;
  state_ = State::gone;
}

} // namespace sekisho::smtp
