#include "gateway/relay/notice.hh"

#include "base/base64.hh"
#include "base/json_members.hh"
#include "base/text.hh"
#include "base/utf8.hh"
#include "gateway/relay/notice_words.hh"
#include "gateway/smtp/outward.hh"
#include "gateway/smtp/reply.hh"
#include "gateway/smtp/xtext.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/write.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sekisho::relay {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view title = "sekisho-notice 1\r\n";
constexpr std::size_t max_about = 10'000, max_text = 4096;
constexpr std::string_view kinds[] = {"failed", "delayed", "relayed"};

std::string short_text_in(const Json &object, const char *name) {
  std::string text = text_in(object, name);
  return text.size() <= max_text ? text : std::string();
}

/// The fields of the mail that are told.  Who has no address that can stand in ASCII is left out.
std::string header_of(const Notice &notice) {
  constexpr std::size_t most_mailboxes = 100, most_subject = 1000; // octets
  std::string header;
  for (const auto &[name, text] : {std::pair("From", &notice.from), std::pair("To", &notice.to)}) {
    std::vector<mime::Mailbox> mailboxes = mime::parse_addresses(one_line(*text, max_text), most_mailboxes);
    std::erase_if(mailboxes, [](const mime::Mailbox &mailbox) { return mailbox.address.empty(); });
    mime::put_mailboxes(header, name, mailboxes);
  }
  if (!notice.subject.empty()) mime::put_text_field(header, "Subject", one_line(notice.subject, most_subject));
  if (mime::is_message_id(notice.message_id)) header += fmt::format("Message-ID: {}\r\n", notice.message_id);
  return header;
}

/// "rfc822;a@b" or, of an address that is not ASCII, "utf-8;\x{5C0F}@b" (RFC 6533 §3).
std::string typed_address(std::string_view address) {
  if (is_ascii(address)) return fmt::format("rfc822;{}", one_line(address, 512));
  std::string out = "utf-8;";
  for (std::size_t at = 0; at < address.size();) {
    const char32_t c = utf8_next(address, at);
    if (c >= 0x21 && c <= 0x7e && c != '\\' && c != '+' && c != '=') out += static_cast<char>(c);
    else out += fmt::format("\\x{{{:X}}}", static_cast<std::uint32_t>(c));
  }
  return out;
}

/// Printable ASCII, in one line that is not too long.
std::string plain_field(std::string_view name, std::string_view text) {
  constexpr std::size_t most = 900;
  std::string ascii;
  for (const char c : text.substr(0, std::min(text.size(), most))) ascii += c >= 0x20 && c <= 0x7e ? c : '?';
  return fmt::format("{}: {}\r\n", name, ascii);
}

std::string action_of(Notice::Kind kind) { return std::string(kinds[static_cast<std::size_t>(kind)]); }

/// RFC 3464 §2.2 and §2.3.
std::string status_part(const Notice &notice, const std::string &host_name) {
  std::string text;
  if (!notice.envelope_id.empty())
    if (const auto id = smtp::decode_xtext(notice.envelope_id)) text += plain_field("Original-Envelope-Id", *id);
  text += fmt::format("Reporting-MTA: dns; {}\r\nArrival-Date: {}\r\n", host_name, mime::date_of(notice.arrived));
  for (const Notice::About &about : notice.about) {
    text += "\r\n";
    if (!about.original.empty())
      if (const auto original = smtp::decode_xtext(about.original)) text += plain_field("Original-Recipient", *original);
    text += fmt::format("Final-Recipient: {}\r\nAction: {}\r\nStatus: {}\r\n", typed_address(about.recipient),
                        action_of(notice.kind), status_of(notice.kind, about));
    // The address of a next hop is a matter of the inside: its answer is told, it is not.
    const std::string_view type = smtp::is_reply(about.answer) ? "smtp" : "x-sekisho"; // RFC 3464 §2.3.6
    if (!about.answer.empty()) text += plain_field("Diagnostic-Code", fmt::format("{}; {}", type, about.answer));
    text += fmt::format("Last-Attempt-Date: {}\r\n", mime::date_of(notice.time));
    if (notice.kind == Notice::Kind::delayed && notice.until > 0) text += fmt::format("Will-Retry-Until: {}\r\n", mime::date_of(notice.until));
  }
  return text;
}

} // namespace

Buffer encode(const Notice &notice) {
  Json json;
  json["kind"] = action_of(notice.kind);
  json["receipt"] = notice.receipt;
  json["sender"] = notice.sender;
  json["envelope_id"] = notice.envelope_id;
  json["arrived"] = notice.arrived;
  json["time"] = notice.time;
  json["until"] = notice.until;
  json["from"] = notice.from;
  json["to"] = notice.to;
  json["subject"] = notice.subject;
  json["message_id"] = notice.message_id;
  json["about"] = Json::array();
  for (const Notice::About &about : notice.about)
    json["about"].push_back({{"recipient", about.recipient},
                             {"original", about.original},
                             {"reason", word_of(about.reason)},
                             {"answer", about.answer},
                             {"next_hop", about.next_hop}});
  return to_buffer(std::string(title) + json.dump(1, ' ', false, Json::error_handler_t::replace) + "\r\n");
}

Result<Notice> decode_notice(Bytes untrusted) {
  std::string_view text = as_chars(untrusted);
  if (!text.starts_with(title)) return fail("no notice of ours");
  const Json json = Json::parse(text.substr(title.size()), nullptr, false);
  if (!json.is_object()) return fail("damaged notice");
  Notice notice;
  const auto kind = std::ranges::find(kinds, short_text_in(json, "kind"));
  if (kind == std::end(kinds)) return fail("damaged notice");
  notice.kind = static_cast<Notice::Kind>(kind - std::begin(kinds));
  notice.receipt = short_text_in(json, "receipt");
  notice.sender = short_text_in(json, "sender");
  notice.envelope_id = short_text_in(json, "envelope_id");
  notice.arrived = integer_in(json, "arrived");
  notice.time = integer_in(json, "time");
  notice.until = integer_in(json, "until");
  notice.from = short_text_in(json, "from");
  notice.to = short_text_in(json, "to");
  notice.subject = short_text_in(json, "subject");
  notice.message_id = short_text_in(json, "message_id");
  const auto about = json.find("about");
  if (about == json.end() || !about->is_array() || about->size() > max_about) return fail("damaged notice");
  for (const Json &one : *about) {
    if (!one.is_object()) return fail("damaged notice");
    const std::string word = short_text_in(one, "reason");
    const std::optional<Reason> reason = word == word_of(Reason::none) ? Reason::none : reason_from_word(word); // none: it was handed on
    if (!reason) return fail("damaged notice");
    notice.about.push_back({short_text_in(one, "recipient"), short_text_in(one, "original"), *reason, short_text_in(one, "answer"),
                            short_text_in(one, "next_hop")});
  }
  if (notice.about.empty() || notice.sender.empty() || !smtp::is_path_safe(notice.sender))
    return fail("damaged notice");
  return notice;
}

std::string status_of(Notice::Kind kind, const Notice::About &about) {
  const char wanted = kind == Notice::Kind::failed ? '5' : kind == Notice::Kind::delayed ? '4' : '2';
  const std::string_view said = status_in(about.answer);
  return said.starts_with(wanted) ? std::string(said) : wanted + std::string(detail_of(about));
}

Buffer write_notice(const Notice &notice, const std::string &host_name, const std::string &receipt) {
  const std::string boundary = fmt::format("sekisho={}=", receipt); // no base64 line and no field has a '=' there
  std::string mail;
  mail += fmt::format("From: Mail gateway <MAILER-DAEMON@{}>\r\n", host_name);
  if (is_ascii(notice.sender)) mail += fmt::format("To: <{}>\r\n", notice.sender);
  else mail += "To: undisclosed-recipients:;\r\n"; // its address cannot stand in an ASCII field
  mime::put_text_field(mail, "Subject", subject_of(notice.kind));
  mail += fmt::format("Date: {}\r\nMessage-ID: <{}.notice@{}>\r\n", mime::date_of(notice.time), receipt, host_name);
  mail += fmt::format("Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: multipart/report; report-type=delivery-status;\r\n boundary=\"{}\"\r\n\r\n"
                      "--{}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
                      boundary, boundary);
  append_base64_lines(mail, words_of(notice));
  mail += fmt::format("\r\n--{}\r\nContent-Type: message/delivery-status\r\n\r\n", boundary);
  mail += status_part(notice, host_name);
  mail += fmt::format("\r\n--{}\r\nContent-Type: text/rfc822-headers\r\n\r\n{}\r\n--{}--\r\n", boundary, header_of(notice), boundary);
  return to_buffer(mail);
}

} // namespace sekisho::relay
