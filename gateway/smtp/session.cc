#include "gateway/smtp/session.hh"

#include "gateway/smtp/reply.hh"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sekisho::smtp {
namespace {

/// A mail that goes on this far beyond its limit is not read to its end.
constexpr std::uint64_t discard_at_most = 64u << 20;

} // namespace

Session::Session(Settings settings, FindRoute find_route)
    : settings_(std::move(settings)), find_route_(std::move(find_route)) {}

void Session::feed(Bytes input) {
  if (closing_) return; // nothing of a closed conversation is looked at
  if (!greeted_) return close(Reason::pipelining_abuse); // RFC 5321 §4.3.1: the greeting comes first
  if (used_ > 0 && used_ == input_.size()) {
    input_.clear();
    used_ = 0;
  }
  input_.append(as_chars(input));
}

Action Session::next() {
  if (!greeted_ && !closing_) {
    greeted_ = true;
    return Send{reply(220, settings_.host_name, "ESMTP Sekisho")};
  }
  while (!closing_ && !waiting_ && step()) {}
  if (waiting_ && !handed_out_) return hand_out();
  if (!output_.empty()) return Send{std::exchange(output_, {})};
  if (closing_) return *closing_;
  return NeedInput{};
}

Action Session::hand_out() {
  handed_out_ = true;
  MailReady ready{std::move(mail_)};
  mail_ = {};
  mail_.helo = ready.mail.helo;
  mail_.from = ready.mail.from;
  return ready;
}

bool Session::step() {
  const bool more = data_ ? step_data() : step_command();
  if (!closing_ && errors_ >= settings_.limits.errors) close(Reason::too_many_errors);
  return more;
}

bool Session::step_data() {
  const std::string_view rest = std::string_view(input_).substr(used_);
  if (rest.empty()) return false;
  used_ += data_->feed(as_bytes(rest));
  if (data_->ended()) {
    end_data();
    return true;
  }
  if (data_->fault() != Reason::none && data_->read() > route_size_ + discard_at_most) {
    refuse(data_->fault());
    close(Reason::none);
  }
  return false;
}

bool Session::step_command() {
  std::optional<std::string> line = take_line();
  if (!line) return false;
  auto command = parse_command(*line, mail_.utf8);
  if (command) obey(*command);
  else refuse(command.error());
  return true;
}

/// The next line without its CRLF.  A bare CR or LF ends the conversation: guessing where a peer meant its
/// lines to end is how mails are smuggled.
std::optional<std::string> Session::take_line() {
  const std::string_view rest = std::string_view(input_).substr(used_);
  const std::size_t end = rest.find_first_of("\r\n");
  if (end == std::string_view::npos || (rest[end] == '\r' && end + 1 == rest.size())) {
    if (rest.size() > max_path_line) {
      refuse(Reason::line_too_long);
      close(Reason::none);
    }
    return std::nullopt;
  }
  if (rest.substr(end, 2) != "\r\n") {
    close(Reason::bare_line_end);
    return std::nullopt;
  }
  used_ += end + 2;
  return std::string(rest.substr(0, end));
}

void Session::obey(const Command &command) {
  if (command.verb != Verb::rcpt && ++idle_commands_ > settings_.limits.idle_commands)
    return close(Reason::too_many_errors);
  // RFC 2920 §3.1: these end a group of commands, so nothing may follow before their reply
  const bool ends_group =
      command.verb == Verb::ehlo || command.verb == Verb::helo || command.verb == Verb::data;
  if ((ends_group || !extended_) && command.verb != Verb::quit && used_ != input_.size())
    return close(Reason::pipelining_abuse);

  switch (command.verb) {
  case Verb::ehlo:
  case Verb::helo: return greet(command);
  case Verb::mail: return begin_mail(command);
  case Verb::rcpt: return add_recipient(command);
  case Verb::data: return begin_data();
  case Verb::rset: reset(); return say(250, "2.0.0", "forgotten");
  case Verb::noop: return say(250, "2.0.0", "ok");
  case Verb::vrfy: return say(252, "2.1.5", "not verified here; send the mail"); // RFC 5321 §7.3
  case Verb::help: return say(214, "2.0.0", "EHLO MAIL RCPT DATA RSET NOOP VRFY QUIT: RFC 5321");
  case Verb::quit:
    say(221, "2.0.0", "bye");
    closing_ = Close{};
    return;
  case Verb::unknown: return refuse(Reason::command_unknown);
  }
}

void Session::greet(const Command &command) {
  reset();
  mail_.helo = command.host;
  extended_ = command.verb == Verb::ehlo;
  if (!extended_) {
    output_ += fmt::format("250 {}\r\n", settings_.host_name);
    return;
  }
  output_ += fmt::format("250-{}\r\n250-PIPELINING\r\n250-SIZE {}\r\n250-8BITMIME\r\n"
                         "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 HELP\r\n",
                         settings_.host_name, settings_.size_limit);
}

void Session::begin_mail(const Command &command) {
  if (mail_.helo.empty() || in_mail_) return refuse(Reason::command_order);
  mail_.from = command.mailbox.text();
  if (command.size > settings_.size_limit) { // RFC 1870 §6.1
    refuse(Reason::mail_too_big);
    mail_.from.clear();
    return;
  }
  in_mail_ = true;
  mail_.utf8 = command.utf8;
  declared_size_ = command.size;
  say(250, "2.1.0", "sender ok");
}

void Session::add_recipient(const Command &command) {
  const std::string recipient = command.mailbox.text();
  if (!in_mail_) return refuse(Reason::command_order, recipient);
  if (mail_.recipients.size() >= settings_.limits.recipients)
    return refuse(Reason::too_many_recipients, recipient);
  if (command.mailbox.routed()) return refuse(Reason::relay_denied, recipient);

  const Route route = find_route_(recipient);
  if (route.reason != Reason::none) return refuse(route.reason, recipient);
  if (declared_size_ > route.size_limit) return refuse(Reason::mail_too_big, recipient);
  if (!mail_.recipients.empty() && route.relay != mail_.relay) // 452: the peer sends these separately
    return refuse(Reason::too_many_recipients, recipient);
  mail_.relay = route.relay;
  route_size_ = route.size_limit;
  mail_.recipients.push_back(recipient);
  say(250, "2.1.5", "recipient ok");
}

void Session::begin_data() {
  if (!in_mail_) return refuse(Reason::command_order);
  if (mail_.recipients.empty()) {
    ++errors_;
    return say(554, "5.5.1", "no recipient was taken");
  }
  data_.emplace(route_size_, settings_.limits.text_line);
  data_->reserve(std::min<std::uint64_t>(declared_size_ + declared_size_ / 50, route_size_));
  output_ += "354 go ahead, end with <CRLF>.<CRLF>\r\n";
}

void Session::end_data() {
  const Reason fault = data_->fault();
  mail_.bytes = data_->take();
  data_.reset();
  idle_commands_ = 0;
  if (fault == Reason::bare_line_end) return close(fault);
  if (fault != Reason::none) return not_kept(fault);
  mail_.hops = count_hops(mail_.bytes);
  if (mail_.hops > settings_.limits.hops) return not_kept(Reason::mail_loop);
  if (mail_.bytes.empty()) mail_.bytes = to_buffer("\r\n"); // no header, no body: still a mail
  waiting_ = true;
  handed_out_ = false;
}

void Session::kept(std::string_view receipt) {
  waiting_ = false;
  say(250, "2.0.0", fmt::format("kept as {}", receipt));
  reset();
  if (hang_up_ != Reason::none) close(hang_up_);
}

void Session::not_kept(Reason reason) {
  waiting_ = false;
  // the line limit is of the text here, not of a command
  if (reason == Reason::line_too_long) {
    refusals_.push_back({reason, mail_.from, {}});
    ++errors_;
    say(554, "5.6.0", fmt::format("{}: {}", word_of(reason), info(reason).english));
  } else {
    refuse(reason);
  }
  reset();
  if (hang_up_ != Reason::none) close(hang_up_);
}

void Session::hang_up(Reason reason) {
  if (closing_) return;
  if (waiting_) { // the mail's own answer comes first
    hang_up_ = reason;
    return;
  }
  greeted_ = true; // RFC 5321 §3.1: 421 or 554 may stand in place of the greeting
  close(reason);
}

std::vector<Refusal> Session::take_refusals() { return std::exchange(refusals_, {}); }

void Session::reset() {
  std::string helo = std::move(mail_.helo);
  mail_ = {};
  mail_.helo = std::move(helo);
  in_mail_ = false;
  declared_size_ = route_size_ = 0;
}

void Session::say(int code, std::string_view enhanced, std::string_view text) {
  output_ += reply(code, enhanced, text);
}

void Session::refuse(Reason reason, std::string_view recipient) {
  ++errors_;
  if (refusals_.size() < settings_.limits.errors + settings_.limits.recipients)
    refusals_.push_back({reason, mail_.from, std::string(recipient)});
  output_ += refusal(reason);
}

/// Says why, discards what was not looked at, and hangs up.
void Session::close(Reason reason) {
  if (reason != Reason::none) refuse(reason);
  greeted_ = true;
  data_.reset();
  input_.clear();
  used_ = 0;
  closing_ = Close{reason};
}

} // namespace sekisho::smtp
