#include "gateway/smtp/session.hh"

#include "gateway/smtp/reply.hh"

#include <fmt/format.h>

#include <utility>

namespace sekisho::smtp {
namespace {

/// A smaller chunk is a command like any other: a peer that sends its mail octet by octet is not served for ever.
constexpr std::uint64_t small_chunk = 1000;

/// An answer of policy or of our own state, for the moment: the peer has done nothing wrong.
bool is_for_now(Reason reason) { return status_of(reason).code / 100 == 4; }

} // namespace

Session::Session(Settings settings, FindRoute find_route, MayBegin may_begin)
    : settings_(std::move(settings)), find_route_(std::move(find_route)), may_begin_(std::move(may_begin)) {}

void Session::feed(Bytes input) {
  if (closing_) return; // nothing of a closed conversation is looked at
  if (!greeted_) return close(Reason::pipelining_abuse); // RFC 5321 §4.3.1: the greeting comes first
  if (shaking_hands_) return tls_failed(Reason::pipelining_abuse);
  input_.erase(0, used_); // else it would grow for as long as each piece ends within a line
  used_ = 0;
  if (data_ && !by_chunks_ && input_.empty()) input = input.subspan(data_->feed(input)); // not copied twice
  input_.append(as_chars(input));
}

Action Session::next() {
  if (!greeted_ && !closing_) {
    greeted_ = true;
    return Send{reply(220, settings_.host_name, "ESMTP Sekisho")};
  }
  while (!closing_ && !waiting_ && !shaking_hands_ && step()) {}
  if (waiting_ && !handed_out_) return hand_out();
  if (!output_.empty()) return Send{std::exchange(output_, {}), std::exchange(refusals_in_output_, 0)};
  if (closing_) return *closing_;
  if (shaking_hands_) return StartTls{};
  return NeedInput{};
}

Action Session::hand_out() {
  handed_out_ = true;
  MailReady ready{std::move(mail_)};
  mail_ = {};
  mail_.helo = ready.mail.helo;
  mail_.from = ready.mail.from;
  mail_.recipients = ready.mail.recipients; // who is told of, should it not be kept
  return ready;
}

bool Session::step() {
  const bool more = chunk_ ? step_chunk() : data_ && !by_chunks_ ? step_data() : step_command();
  if (!closing_ && errors_ >= settings_.limits.errors) close(Reason::too_many_errors);
  return more;
}

bool Session::step_command() {
  std::optional<std::string> line = take_line();
  if (!line) return false;
  auto command = parse_command(*line, mail_.utf8);
  if (command) obey(*command);
  else if (verb_of(*line) == Verb::bdat) close(command.error()); // how many octets follow is anybody's guess
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
  const bool counts = command.verb != Verb::rcpt && (command.verb != Verb::bdat || command.chunk < small_chunk);
  if (counts && ++idle_commands_ > settings_.limits.idle_commands) return close(Reason::too_many_errors);
  // RFC 2920 §3.1, RFC 3207 §4: these end a group of commands, so nothing may follow before their reply
  const bool ends_group = command.verb == Verb::ehlo || command.verb == Verb::helo ||
                          command.verb == Verb::data || command.verb == Verb::starttls;
  const bool is_alone = command.verb == Verb::quit || command.verb == Verb::bdat; // its chunk follows
  if ((ends_group || !extended_) && !is_alone && used_ != input_.size()) return close(Reason::pipelining_abuse);
  if (must_wait_for_tls(command.verb)) return refuse(Reason::tls_required);

  switch (command.verb) {
  case Verb::ehlo:
  case Verb::helo: return greet(command);
  case Verb::mail: return begin_mail(command);
  case Verb::rcpt: return add_recipient(command);
  case Verb::data: return begin_data();
  case Verb::bdat: return begin_chunk(command);
  case Verb::starttls: return start_tls();
  case Verb::rset: reset(); return say(250, "2.0.0", "forgotten");
  case Verb::noop: return say(250, "2.0.0", "ok");
  case Verb::vrfy: return say(252, "2.1.5", "not verified here; send the mail"); // RFC 5321 §7.3
  case Verb::help:
    return say(214, "2.0.0", fmt::format("EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT{}: RFC 5321",
                                         settings_.tls != StartTlsUse::off && !tls_ ? " STARTTLS" : ""));
  case Verb::quit:
    say(221, "2.0.0", "bye");
    closing_ = Close{};
    return;
  case Verb::unknown: return refuse(Reason::command_unknown);
  }
}

/// RFC 3207 §4: 530 to whatever hands in a mail.
bool Session::must_wait_for_tls(Verb verb) const {
  return settings_.tls == StartTlsUse::required && !tls_ &&
         (verb == Verb::mail || verb == Verb::rcpt || verb == Verb::data || verb == Verb::vrfy);
}

void Session::greet(const Command &command) {
  reset();
  mail_.helo = command.host;
  extended_ = command.verb == Verb::ehlo;
  if (!extended_) {
    output_ += fmt::format("250 {}\r\n", settings_.host_name);
    return;
  }
  output_ += fmt::format("250-{}\r\n250-PIPELINING\r\n250-SIZE {}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                         "250-CHUNKING\r\n250-DSN\r\n250-ENHANCEDSTATUSCODES\r\n",
                         settings_.host_name, settings_.size_limit);
  if (tls_) output_ += "250-REQUIRETLS\r\n"; // RFC 8689 §2: over TLS only
  else if (settings_.tls != StartTlsUse::off) output_ += "250-STARTTLS\r\n";
  output_ += "250 HELP\r\n";
}

void Session::start_tls() {
  if (settings_.tls == StartTlsUse::off) return refuse(Reason::command_unknown);
  if (tls_ || !extended_) return refuse(Reason::command_order);
  say(220, "2.0.0", "go ahead");
  shaking_hands_ = true;
}

void Session::tls_started(Tls tls) {
  shaking_hands_ = false;
  tls_ = std::move(tls);
  mail_.helo.clear();
  reset();
  extended_ = false;
  input_.clear();
  used_ = 0;
}

void Session::tls_failed(Reason reason) {
  shaking_hands_ = false;
  note_refusal(reason);
  output_.clear();
  refusals_in_output_ = 0;
  closing_ = Close{reason};
}

void Session::kept(std::string_view receipt) {
  waiting_ = false;
  say(250, "2.0.0", fmt::format("kept as {}", receipt));
  reset();
  if (hang_up_ != Reason::none) close(hang_up_);
}

void Session::not_kept(Reason reason) {
  waiting_ = false;
  if (!is_for_now(reason)) ++errors_;
  note_refusal(reason, std::move(mail_.recipients));
  // the line limit is of the text here, not of a command
  if (reason == Reason::line_too_long) say(554, "5.6.0", fmt::format("{}: {}", word_of(reason), info(reason).english));
  else output_ += refusal(reason);
  reset();
  if (hang_up_ != Reason::none) close(hang_up_);
}

void Session::hang_up(Reason reason) {
  if (closing_) return;
  if (shaking_hands_) return tls_failed(reason);
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
  in_mail_ = by_chunks_ = false;
  data_.reset();
  declared_size_ = route_size_ = 0;
}

void Session::say(int code, std::string_view enhanced, std::string_view text) {
  output_ += reply(code, enhanced, text);
}

void Session::note_refusal(Reason reason, std::vector<std::string> recipients) {
  ++refusals_in_output_;
  const Limits &limits = settings_.limits;
  if (refusals_.size() < limits.errors + limits.refused_recipients + limits.put_off_recipients)
    refusals_.push_back({reason, mail_.from, std::move(recipients)});
}

void Session::refuse(Reason reason, std::string_view recipient) {
  if (!is_for_now(reason)) ++errors_;
  answer_refused(reason, recipient);
}

/// Those that were taken still get their mail (RFC 5321 §4.5.3.1.10): beside them some may be wrong, and many be told to come later.
/// Each has a bound that only a mail read to its end without a fault lifts, so that one good address does not buy trying all others; beyond it they
/// are errors like any other.
void Session::refuse_recipient(Reason reason, const std::string &recipient) {
  const Limits &limits = settings_.limits;
  if (is_for_now(reason)) errors_ += ++put_off_recipients_ > limits.put_off_recipients;
  else errors_ += mail_.recipients.empty() || ++refused_recipients_ > limits.refused_recipients;
  answer_refused(reason, recipient);
}

void Session::answer_refused(Reason reason, std::string_view recipient) {
  note_refusal(reason, recipient.empty() ? std::vector<std::string>() : std::vector{std::string(recipient)});
  output_ += refusal(reason);
}

/// Says why, discards what was not looked at, and hangs up.
void Session::close(Reason reason) {
  if (reason != Reason::none) {
    note_refusal(reason, std::move(mail_.recipients)); // a mail that was begun ends here too
    output_ += refusal(reason);
  }
  greeted_ = true;
  data_.reset();
  chunk_.reset();
  input_.clear();
  used_ = 0;
  closing_ = Close{reason};
}

} // namespace sekisho::smtp
