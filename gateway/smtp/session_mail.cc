// One mail of a conversation: MAIL, RCPT, then DATA (RFC 5321 §4.1.1.4) or BDAT (RFC 3030).
#include "gateway/smtp/session.hh"

#include "base/text.hh"
#include "sanitizer/text/idn.hh"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace sekisho::smtp {
namespace {

/// A mail that goes on this far beyond its limit is not read to its end.
constexpr std::uint64_t discard_at_most = 64u << 20;

/// Whoever is named twice hears whatever one of the two asked for (RFC 3461 §4.1); its ORCPT is the first.
spool::Notify both(const spool::Notify &first, const spool::Notify &second) {
  spool::Notify asked = first;
  asked.success |= second.success;
  asked.failure |= second.failure;
  asked.delay |= second.delay;
  asked.given = (first.given && second.given) || asked.success; // else as if nothing had been said
  if (asked.original.empty()) asked.original = second.original;
  return asked;
}

/// A domain is the same in capitals and in U-labels; a local part is its host's own (RFC 5321 §2.4).
std::string same_spelling(const std::string &recipient) {
  const std::string ascii = text::with_ascii_domain(recipient);
  const std::size_t at = std::min(ascii.rfind('@'), ascii.size());
  return ascii.substr(0, at) + lower_case(ascii.substr(at));
}

/// Not every next hop hands on one of the two only.
void name_each_once(Mail &mail) {
  if (mail.recipients.size() < 2) return;
  const std::vector<std::string> recipients = std::exchange(mail.recipients, {});
  const std::vector<spool::Notify> notify = std::exchange(mail.notify, {});
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const auto [place, is_new] = places.try_emplace(same_spelling(recipients[i]), mail.recipients.size());
    if (!is_new) {
      mail.notify[place->second] = both(mail.notify[place->second], notify[i]);
      continue;
    }
    mail.recipients.push_back(recipients[i]);
    mail.notify.push_back(notify[i]);
  }
}

} // namespace

void Session::begin_mail(const Command &command) {
  if (mail_.helo.empty() || in_mail_) return refuse(Reason::command_order);
  mail_.from = command.mailbox.text();
  Reason reason = Reason::none;
  if (command.require_tls && !tls_) reason = Reason::parameter_unknown; // RFC 8689 §2: not offered then
  else if (settings_.client_certificate && !(tls_ && tls_->is_client_known)) reason = Reason::client_certificate_bad;
  else if (command.size > settings_.size_limit) reason = Reason::mail_too_big; // RFC 1870 §6.1
  else if (may_begin_) reason = may_begin_(mail_.from);
  if (reason != Reason::none) {
    refuse(reason);
    mail_.from.clear();
    return;
  }
  in_mail_ = true;
  mail_.utf8 = command.utf8;
  mail_.by_helo = !extended_;
  mail_.envelope_id = command.envelope_id;
  mail_.returned = command.returned;
  mail_.require_tls = command.require_tls;
  if (tls_) mail_.tls = tls_->words;
  declared_size_ = command.size;
  say(250, "2.1.0", "sender ok");
}

void Session::add_recipient(const Command &command) {
  const std::string recipient = command.for_postmaster ? settings_.postmaster : command.mailbox.text();
  if (!in_mail_ || by_chunks_) return refuse(Reason::command_order, recipient);
  if (mail_.recipients.size() >= settings_.limits.recipients)
    return refuse_recipient(Reason::too_many_recipients, recipient);
  if (recipient.empty() || command.mailbox.routed()) return refuse_recipient(Reason::relay_denied, recipient);

  const Offer offer{mail_.from, recipient, tls_ ? &*tls_ : nullptr};
  const Route route = find_route_(offer);
  if (route.reason != Reason::none) return refuse_recipient(route.reason, recipient);
  if (declared_size_ > route.size_limit) return refuse_recipient(Reason::mail_too_big, recipient);
  if (!mail_.recipients.empty() && route.relay != mail_.relay) // 452: the peer sends these separately
    return refuse_recipient(Reason::too_many_recipients, recipient);
  mail_.relay = route.relay;
  route_size_ = route.size_limit;
  mail_.recipients.push_back(recipient);
  mail_.notify.push_back(command.notify);
  say(250, "2.1.5", "recipient ok");
}

void Session::make_reader() {
  data_.emplace(route_size_, settings_.limits.text_line);
  data_->expect(std::min<std::uint64_t>(declared_size_ + declared_size_ / 50, route_size_));
}

void Session::drop_mail(Reason reason) {
  if (data_) data_->spoil(reason);
}

void Session::begin_data() {
  if (!in_mail_ || by_chunks_) return refuse(Reason::command_order);
  if (mail_.recipients.empty()) return say_nobody_was_taken();
  make_reader();
  output_ += "354 go ahead, end with <CRLF>.<CRLF>\r\n";
}

/// No error: its recipients were counted, and it is what RFC 2920 §3.1 says that follows.
void Session::say_nobody_was_taken() {
  ++refusals_in_output_;
  say(554, "5.5.1", "no recipient was taken");
}

bool Session::step_data() {
  used_ += data_->feed(as_bytes(std::string_view(input_).substr(used_)));
  if (data_->ended()) {
    end_data();
    return true;
  }
  if (data_->fault() != Reason::none && data_->read() > route_size_ + discard_at_most) {
    not_kept(data_->fault());
    close(Reason::none);
  }
  return false;
}

void Session::end_data() {
  const Reason fault = data_->fault();
  mail_.bytes = data_->take();
  hand_in(fault);
}

/// What failed lifts no bound: a chunk may end a mail that has hardly begun.
void Session::hand_in(Reason fault) {
  data_.reset();
  by_chunks_ = false;
  if (fault == Reason::bare_line_end) return close(fault);
  if (fault != Reason::none) return not_kept(fault);
  idle_commands_ = refused_recipients_ = put_off_recipients_ = 0;
  mail_.hops = count_hops(mail_.bytes);
  if (mail_.hops > settings_.limits.hops) return not_kept(Reason::mail_loop);
  name_each_once(mail_);
  if (mail_.bytes.empty()) mail_.bytes = to_buffer("\r\n"); // no header, no body: still a mail
  waiting_ = true;
  handed_out_ = false;
}

// -- BDAT -----------------------------------------------------------------------------------------------------

/// The octets come whatever is thought of them, so they are taken in first and judged then.
void Session::begin_chunk(const Command &command) {
  if (command.chunk > settings_.size_limit + discard_at_most) {
    refuse(Reason::mail_too_big);
    return close(Reason::none);
  }
  chunk_ = Chunk{command.chunk, command.last, Reason::none};
  chunk_->is_for_nobody = extended_ && in_mail_ && mail_.recipients.empty();
  if (!extended_ || !in_mail_ || mail_.recipients.empty()) {
    chunk_->fault = Reason::command_order;
    return;
  }
  if (!by_chunks_) make_reader();
  by_chunks_ = true;
  if (data_->read() + command.chunk > route_size_) chunk_->fault = Reason::mail_too_big;
}

bool Session::step_chunk() {
  const std::string_view rest = std::string_view(input_).substr(used_);
  const std::string_view piece = rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_->left, rest.size())));
  if (chunk_->left > 0 && piece.empty()) return false;
  if (chunk_->fault == Reason::none) data_->feed_unstuffed(as_bytes(piece));
  used_ += piece.size();
  chunk_->left -= piece.size();
  if (chunk_->left > 0) return false;
  end_chunk();
  return true;
}

/// RFC 3030 §2: after a chunk that failed the mail is gone; those that were sent behind it are out of order.
void Session::end_chunk() {
  const Chunk chunk = *chunk_;
  chunk_.reset();
  if (chunk.is_for_nobody) {
    say_nobody_was_taken();
    if (chunk.last) reset();
    return;
  }
  if (chunk.fault == Reason::command_order) { // no mail was handed in
    data_.reset();
    by_chunks_ = false;
    return not_kept(chunk.fault);
  }
  if (chunk.last && chunk.fault == Reason::none) data_->finish();
  const Reason fault = chunk.fault != Reason::none ? chunk.fault : data_->fault();
  if (fault == Reason::none && !chunk.last) return say(250, "2.0.0", fmt::format("{} octets so far", data_->read()));
  if (fault == Reason::none) mail_.bytes = data_->take();
  hand_in(fault);
}

} // namespace sekisho::smtp
