#include "gateway/relay/notice_words.hh"

#include "base/utf8.hh"
#include "gateway/smtp/reply.hh"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

namespace sekisho::relay {
namespace {

struct Cause {
  std::string_view detail; // of the status, with or without its last number: RFC 3463 §3
  std::string_view japanese, english;
};
constexpr Cause causes[] = {
    {".1.1", "この宛先は相手側にありません。アドレスをお確かめください。", "There is no such address. Please check it."},
    {".1.2", "宛先のドメイン（@ の右側）が見つかりません。アドレスをお確かめください。",
     "The domain (to the right of the @) was not found. Please check the address."},
    {".1.3", "宛先の書き方が正しくありません。アドレスをお確かめください。", "The address is not well written. Please check it."},
    {".1.6", "宛先は別のアドレスに移りました。", "The recipient has moved to another address."},
    {".1", "相手側がこの宛先を受け付けません。アドレスをお確かめください。", "The address is not accepted there. Please check it."},
    {".2.1", "宛先のメールボックスは、現在メールを受け取れません。", "The mailbox does not take mail at present."},
    {".2.2", "宛先のメールボックスがいっぱいです。日を改めて送り直すか、別の方法でご連絡ください。",
     "The mailbox is full. Please send again another day, or use another way."},
    {".2.3", "メールが大きすぎて受け取れません。小さく分けてお送りください。", "The mail is too large for the mailbox. Please send less at a time."},
    {".3.4", "メールが大きすぎて受け取れません。小さく分けてお送りください。", "The mail is too large for the next server. Please send less at a time."},
    {".4.1", "相手側のメールサーバーに接続できません。", "The next mail server cannot be reached."},
    {".6.3", "相手側のメールサーバーが、このメールの形式を受け取れません。", "The next mail server cannot take such a mail."},
    {".6.7", "相手側のメールサーバーが、日本語を含むアドレスに対応していません。",
     "The next mail server does not take addresses that are not in ASCII."},
    {".7.30", "このメールは暗号化が条件ですが、相手側のメールサーバーが保証していません。",
     "The mail asks for encryption all the way (REQUIRETLS), which the next mail server does not promise."},
    {".7", "相手側のメールサーバーが受け取りを拒否しました。", "The next mail server refused it."},
};

/// The narrowest that fits; null: none.
const Cause *cause_of(std::string_view detail) {
  const Cause *found = nullptr;
  for (const Cause &cause : causes) {
    const bool fits = detail.starts_with(cause.detail) && (detail.size() == cause.detail.size() || detail[cause.detail.size()] == '.');
    if (fits && (!found || cause.detail.size() > found->detail.size())) found = &cause;
  }
  return found;
}

std::pair<std::string_view, std::string_view> sentences(const Notice::About &about) {
  if (about.reason == Reason::queue_held) // not by whom: it may be about the sender
    return {"内容などの確認が済むまで、関所で配送を見合わせています。", "The gateway keeps it until it has been looked at."};
  const bool stood_still = about.next_hop.empty() && !smtp::is_reply(about.answer) && (about.reason == Reason::delivery_expired || about.reason == Reason::none);
  if (stood_still || about.reason == Reason::mail_zone_severed || about.reason == Reason::breaker_tripped)
    return {"この宛先への配送は、関所で止められています。", "The gateway's way to this recipient is shut."};
  const std::string_view said = status_in(about.answer);
  const Cause *cause = cause_of(said.empty() ? detail_of(about) : said.substr(1));
  if (cause) return {cause->japanese, cause->english};
  if (about.reason == Reason::next_hop_refused)
    return {"相手側のメールサーバーが受け取りませんでした。", "The next mail server did not take it."};
  if (about.reason == Reason::next_hop_deferred || about.reason == Reason::delivery_expired)
    return {"相手側のメールサーバーが、まだ受け取りません。", "The next mail server does not take it yet."};
  return {info(about.reason).japanese, info(about.reason).english};
}

/// Minutes of UTC+9, for people in Japan.
std::string minute_in_japan(UnixSeconds time, std::string_view form) {
  const std::time_t there = static_cast<std::time_t>(time + 9 * 3600);
  std::tm parts{};
  gmtime_r(&there, &parts);
  return fmt::format(fmt::runtime(form), parts);
}
std::string japanese_time(UnixSeconds time) { return minute_in_japan(time, "{:%Y年%m月%d日 %H:%M}（日本時間）"); }
std::string english_time(UnixSeconds time) { return minute_in_japan(time, "{:%Y-%m-%d %H:%M} (UTC+9)"); }

enum class Tongue : std::uint8_t { japanese, english };

std::string head(const Notice &notice, Tongue tongue) {
  const bool is_japanese = tongue == Tongue::japanese;
  switch (notice.kind) {
  case Notice::Kind::failed: break;
  case Notice::Kind::delayed:
    if (notice.until == 0)
      return is_japanese ? "お送りいただいたメールは、次の宛先にまだ届いていません。\r\n確認が済みしだい送られます。送り直す必要はありません。\r\n"
                         : "Your mail has not been delivered to these recipients yet. You need not send it again.\r\n";
    return is_japanese ? fmt::format("お送りいただいたメールは、次の宛先にまだ届いていません。\r\n{}まで、自動で送り続けます。送り直す必要はありません。\r\n"
                                     "それまでに届かないときは、あらためてお知らせします。\r\n",
                                     japanese_time(notice.until))
                       : fmt::format("Your mail has not been delivered to these recipients yet. The gateway goes on trying until\r\n{}; "
                                     "you need not send it again. If it fails for good you will be told.\r\n",
                                     english_time(notice.until));
  case Notice::Kind::relayed:
    return is_japanese ? "お送りいただいたメールは、次の宛先のメールサーバーに渡しました。\r\nその先で届いたかどうかは、通知されないことがあります。\r\n"
                       : "Your mail was handed to the next mail server for these recipients. It may not tell whether it arrives.\r\n";
  }
  return is_japanese ? "お送りいただいたメールは、次の宛先に届きませんでした。\r\n" : "Your mail could not be delivered to these recipients.\r\n";
}

std::string recipient(const Notice &notice, const Notice::About &about, Tongue tongue) {
  const bool is_japanese = tongue == Tongue::japanese;
  std::string text = fmt::format("\r\n  {}\r\n", one_line(about.recipient, 512));
  const auto add = [&](std::string_view line) { text += fmt::format("    {}\r\n", line); };
  if (notice.kind != Notice::Kind::relayed) {
    if (about.reason == Reason::delivery_expired)
      add(is_japanese ? fmt::format("{}まで送り続けましたが、届けられませんでした。", japanese_time(notice.time))
                      : fmt::format("Tried until {}, without success.", english_time(notice.time)));
    const auto [japanese, english] = sentences(about);
    add(is_japanese ? japanese : english);
  }
  if (about.answer.empty()) return text;
  const bool is_said = smtp::is_reply(about.answer);
  add(fmt::format("{}: {}",
                  is_japanese ? (is_said ? "相手側サーバーの応答" : "詳細") : (is_said ? "The server said" : "In detail"),
                  one_line(about.answer, 300)));
  return text;
}

std::string foot(const Notice &notice, Tongue tongue) {
  const std::string subject = one_line(notice.subject, 400);
  if (tongue == Tongue::japanese)
    return fmt::format("\r\n件名: {}\r\n送信日時: {}\r\n受付番号: {}\r\nお問い合わせの際は受付番号をお知らせください。メールの本文は、この通知には付いていません。\r\n",
                       subject, japanese_time(notice.arrived), notice.receipt);
  return fmt::format("\r\nSubject: {}\r\nSent: {}\r\nReceipt number: {}\r\nPlease give the receipt number when you ask about it. The text of your mail is not part of "
                     "this notice.\r\n",
                     subject, english_time(notice.arrived), notice.receipt);
}

} // namespace

std::string_view status_in(std::string_view answer) {
  if (!smtp::is_reply(answer)) return {};
  const std::string_view said = answer.substr(std::min<std::size_t>(4, answer.size()));
  const std::string_view word = said.substr(0, said.find(' '));
  const bool is_status = word.size() >= 5 && word.size() <= 9 && word.find_first_not_of("0123456789.") == std::string_view::npos &&
                         word[1] == '.' && std::ranges::count(word, '.') == 2 && word.back() != '.' && word[2] != '.';
  return is_status ? word : std::string_view();
}

std::string_view detail_of(const Notice::About &about) {
  // what a mail needs and a next hop does not offer stands in brackets behind our own words (smtp/client_session.cc)
  constexpr std::pair<std::string_view, std::string_view> unable[] = {
      {"(SMTPUTF8)", ".6.7"}, {"(8BITMIME)", ".6.3"}, {"(SIZE)", ".3.4"}, {"(REQUIRETLS)", ".7.30"}};
  switch (about.reason) {
  case Reason::delivery_expired: return ".4.7";
  case Reason::none: return about.next_hop.empty() ? ".3.2" : ".0.0"; // its way is shut; it was handed on
  case Reason::queue_held:
  case Reason::mail_zone_severed:
  case Reason::breaker_tripped: return ".3.2";
  case Reason::next_hop_unreachable: return ".4.1";
  case Reason::next_hop_tls_failed:
  case Reason::next_hop_certificate_bad: return ".7.0";
  case Reason::next_hop_unable:
    for (const auto &[word, detail] : unable)
      if (about.answer.ends_with(word)) return detail;
    return ".6.0";
  default: return ".0.0";
  }
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line;
  for (std::size_t at = 0; at < text.size() && line.size() < most;) {
    const char32_t c = utf8_next(text, at);
    utf8_append(line, c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ? U' ' : c);
  }
  return line;
}

std::string words_of(const Notice &notice) {
  std::string text = "【関所】";
  for (const Tongue tongue : {Tongue::japanese, Tongue::english}) {
    if (tongue == Tongue::english) text += "\r\n----\r\n";
    text += head(notice, tongue);
    for (const Notice::About &about : notice.about) text += recipient(notice, about, tongue);
    text += foot(notice, tongue);
  }
  return text;
}

std::string subject_of(Notice::Kind kind) {
  switch (kind) {
  case Notice::Kind::failed: break;
  case Notice::Kind::delayed: return "【関所】配送が遅れています / Delayed mail";
  case Notice::Kind::relayed: return "【関所】宛先のサーバーへ渡しました / Mail relayed";
  }
  return "【関所】メールを配送できませんでした / Undelivered mail";
}

} // namespace sekisho::relay
