#include "sanitizer/mime/write.hh"

#include "base/base64.hh"
#include "base/check.hh"
#include "base/utf8.hh"
#include "sanitizer/text/iso2022jp.hh"
#include "sanitizer/verify/odf_kind.hh"

#include <algorithm>

namespace sekisho::mime {
namespace {

constexpr std::size_t soft_line = 76;     // octets, RFC 5322 §2.1.1 asks for at most 78
constexpr std::size_t word_octets = 39;   // UTF-8 octets in one encoded word: 12 + 52 characters
constexpr std::size_t jis_word_octets = 42; // ISO-2022-JP octets in one: 18 + 56 characters
constexpr std::size_t max_line = 998;     // octets without CRLF, RFC 5322 §2.1.1
constexpr std::size_t name_piece = 48; // characters of one RFC 2231 piece

/// One header field, folded between its tokens.
class FieldWriter {
public:
  FieldWriter(std::string &out, std::string_view name, job::MailCharset charset = {})
      : out_(out), charset_(charset), line_(name.size() + 1) {
    out_ += name;
    out_ += ':';
  }
  /// A token of printable ASCII that is not broken.
  void token(std::string_view token) {
    if (line_ + 1 + token.size() > soft_line && !first_) {
      out_ += "\r\n";
      line_ = 0;
    }
    out_ += ' ';
    out_ += token;
    line_ += 1 + token.size();
    first_ = false;
  }
  /// UTF-8, in encoded words where it is not plain ASCII words.
  void text(std::string_view utf8) {
    bool plain =
        std::all_of(utf8.begin(), utf8.end(), [](char c) { return c >= 0x20 && c < 0x7f; }) &&
        utf8.find("=?") == std::string_view::npos && utf8.find("  ") == std::string_view::npos &&
        longest_word(utf8) < soft_line;
    if (!plain) return encoded(utf8);
    while (!utf8.empty()) {
      std::size_t space = std::min(utf8.find(' '), utf8.size());
      if (space > 0) token(utf8.substr(0, space));
      utf8.remove_prefix(std::min(space + 1, utf8.size()));
    }
  }
  /// UTF-8, in encoded words whatever it is.  RFC 2047.
  void encoded(std::string_view utf8) {
    while (charset_ == job::MailCharset::iso_2022_jp && !utf8.empty()) {
      const std::size_t end = end_of_jis_word(utf8);
      std::string word = "=?ISO-2022-JP?B?";
      append_base64(word, *text::to_iso_2022_jp(utf8.substr(0, end)));
      token(word + "?=");
      utf8.remove_prefix(end);
    }
    while (!utf8.empty()) {
      std::size_t end = std::min(word_octets, utf8.size());
      while (end < utf8.size() && (utf8[end] & 0xc0) == 0x80)
        end--;
      std::string word = "=?utf-8?B?";
      append_base64(word, utf8.substr(0, end));
      token(word + "?=");
      utf8.remove_prefix(end);
    }
  }
  void append(char c) {
    out_ += c;
    line_++;
  }
  void end() { out_ += "\r\n"; }

private:
  /// As many whole characters as one word holds; a half-width voiced mark stays with its letter.
  static std::size_t end_of_jis_word(std::string_view utf8) {
    std::size_t end = 0;
    for (std::size_t next = 0; next < utf8.size();) {
      (void)utf8_next(utf8, next);
      for (std::string_view mark : {"\u3099", "\u309a", "\uff9e", "\uff9f"})
        if (utf8.substr(next).starts_with(mark)) next += mark.size();
      if (end > 0 && text::to_iso_2022_jp(utf8.substr(0, next))->size() > jis_word_octets) break;
      end = next;
    }
    return end;
  }

  static std::size_t longest_word(std::string_view text) {
    std::size_t longest = 0, start = 0;
    for (std::size_t i = 0; i <= text.size(); i++) {
      if (i < text.size() && text[i] != ' ') continue;
      longest = std::max(longest, i - start);
      start = i + 1;
    }
    return longest;
  }

  std::string &out_;
  job::MailCharset charset_;
  std::size_t line_;
  bool first_ = true;
};

bool is_atoms(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == ' ' ||
           c == '-' || c == '_';
  });
}

void put_mailbox(FieldWriter &field, const Mailbox &mailbox) {
  if (!mailbox.name.empty()) {
    bool ascii = std::all_of(mailbox.name.begin(), mailbox.name.end(),
                             [](char c) { return c >= 0x20 && c < 0x7f; });
    if (is_atoms(mailbox.name)) {
      field.text(mailbox.name);
    } else if (!ascii || mailbox.name.size() > 60 || mailbox.name.find("=?") != std::string::npos) {
      field.encoded(mailbox.name); // in the open its commas and brackets would be read as addresses
    } else {
      std::string quoted = "\"";
      for (char c : mailbox.name) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
      }
      field.token(quoted + '"');
    }
    field.token("<" + mailbox.address + ">");
    return;
  }
  field.token(mailbox.address);
}

} // namespace

std::size_t put_mailboxes(std::string &out, std::string_view name, const std::vector<Mailbox> &mailboxes,
                          job::MailCharset charset, std::size_t most) {
  if (mailboxes.empty()) return 0;
  const std::size_t start = out.size();
  FieldWriter field(out, name, charset);
  std::size_t count = 0;
  for (; count < mailboxes.size() && out.size() - start < most; count++) {
    if (count > 0) field.append(',');
    put_mailbox(field, mailboxes[count]);
  }
  field.end();
  return count;
}

void put_text_field(std::string &out, std::string_view name, std::string_view utf8, job::MailCharset charset) {
  FieldWriter field(out, name, charset);
  std::size_t end = std::min(utf8.size(), most_of_subject);
  while (end < utf8.size() && (utf8[end] & 0xc0) == 0x80)
    end--;
  field.text(utf8.substr(0, end));
  field.end();
}

namespace {

void put_ids(std::string &out, std::string_view name, const std::vector<std::string> &ids) {
  if (ids.empty()) return;
  FieldWriter field(out, name);
  for (const std::string &id : ids)
    field.token(id);
  field.end();
}

std::string_view media_type(const verify::CleanPart &part) {
  switch (part.kind()) {
  case job::Kind::text: return "text/plain; charset=utf-8";
  case job::Kind::pdf: return "application/pdf";
  case job::Kind::jpeg: return "image/jpeg";
  case job::Kind::png: return "image/png";
  case job::Kind::gif: return "image/gif";
  case job::Kind::tiff: return "image/tiff";
  case job::Kind::ooxml_word:
    return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
  case job::Kind::ooxml_sheet:
    return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  case job::Kind::ooxml_slides:
    return "application/vnd.openxmlformats-officedocument.presentationml.presentation";
  case job::Kind::odf:
    if (const verify::OdfKind *odf = verify::odf_kind(part.bytes())) return odf->media_type;
    break;
  case job::Kind::zip: return "application/zip";
  default: break;
  }
  CHECK(false); // verify makes no CleanPart of another kind
  return {};
}

void put_file_name(std::string &out, std::string_view name) {
  auto is_safe = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.';
  };
  out += "Content-Disposition: attachment; filename";
  bool plain = name.size() <= 30 && std::all_of(name.begin(), name.end(),
                                                [&](char c) { return is_safe(c) || c == ' '; });
  if (plain) {
    out += "=\"";
    out += name;
    out += "\"\r\n";
    return;
  }
  std::string piece;
  unsigned section = 0;
  auto flush = [&](bool last) {
    if (section > 0) out += ";\r\n filename";
    out += '*';
    out += std::to_string(section);
    out += section == 0 ? "*=utf-8''" : "*=";
    out += piece;
    section++;
    piece.clear();
    if (last) out += "\r\n";
  };
  for (char c : name) {
    if (piece.size() + 3 > name_piece) flush(false);
    if (is_safe(c)) {
      piece += c;
      continue;
    }
    constexpr std::string_view digits = "0123456789ABCDEF";
    auto octet = static_cast<unsigned char>(c);
    piece += '%';
    piece += digits[octet >> 4];
    piece += digits[octet & 0xf];
  }
  flush(true);
}

/// Line ends in canonical form before they are encoded.  RFC 2049 §4.
std::string with_crlf(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 16);
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    result += text.substr(0, end);
    result += "\r\n";
  }
  return result += text;
}

bool has_long_line(std::string_view text) {
  for (std::size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    if (end > max_line) return true;
  return text.size() > max_line;
}

/// RFC 1468: seven bits, as they are.  A line that is too long for a mail goes in base64.
void put_iso_2022_jp(std::string &out, const verify::CleanPart &body, bool is_part) {
  const std::optional<std::string> text = text::to_iso_2022_jp(as_chars(body.bytes()));
  CHECK(text.has_value());
  if (has_long_line(*text)) {
    out += "Content-Transfer-Encoding: base64\r\n\r\n";
    return append_base64_lines(out, with_crlf(*text));
  }
  out += "Content-Transfer-Encoding: 7bit\r\n\r\n";
  out += with_crlf(*text);
  if (is_part || !text->ends_with('\n')) out += "\r\n"; // before a boundary it is not the text's
}

void put_body(std::string &out, const verify::CleanPart &part) {
  out += "Content-Transfer-Encoding: base64\r\n";
  if (part.kind() == job::Kind::text) {
    out += "\r\n";
    append_base64_lines(out, with_crlf(as_chars(part.bytes())));
  } else {
    out += "\r\n";
    append_base64_lines(out, as_chars(part.bytes()));
  }
}

} // namespace

bool fits_iso_2022_jp(const NewMail &mail) {
  const auto fits = [](std::string_view utf8) { return text::to_iso_2022_jp(utf8).has_value(); };
  const auto all_fit = [&](const std::vector<Mailbox> &mailboxes) {
    return std::ranges::all_of(mailboxes, fits, &Mailbox::name);
  };
  return fits(mail.subject) && all_fit(mail.from) && all_fit(mail.to) && all_fit(mail.cc) &&
         all_fit(mail.reply_to) && fits(as_chars(mail.body.bytes()));
}

namespace {

void put_text(std::string &out, const NewMail &mail, bool is_part) {
  const bool jis = mail.charset == job::MailCharset::iso_2022_jp;
  out += "Content-Type: ";
  out += jis ? "text/plain; charset=iso-2022-jp" : media_type(mail.body);
  out += is_part ? "\r\nContent-Disposition: inline\r\n" : "\r\n";
  if (jis)
    put_iso_2022_jp(out, mail.body, is_part);
  else
    put_body(out, mail.body);
}

} // namespace

std::size_t count_fitting(const std::vector<Mailbox> &mailboxes) {
  constexpr std::size_t most = most_of_addresses / 8 * 7; // words of ISO-2022-JP may be longer
  std::string out;
  return put_mailboxes(out, "To", mailboxes, job::MailCharset::utf8, most);
}

Buffer write(const NewMail &mail, std::string_view digest) {
  CHECK(!mail.from.empty() && (mail.attachments.empty() || digest.size() >= 32));
  std::string out;
  put_mailboxes(out, "From", {mail.from.front()}, mail.charset);
  if (mail.recipients_hidden) {
    out += "To: undisclosed-recipients:;\r\n"; // RFC 5322 §3.4, an empty group
  } else {
    put_mailboxes(out, "To", mail.to, mail.charset);
    put_mailboxes(out, "Cc", mail.cc, mail.charset);
  }
  put_mailboxes(out, "Reply-To", mail.reply_to, mail.charset);
  if (!mail.subject.empty()) put_text_field(out, "Subject", mail.subject, mail.charset);
  if (!mail.date.empty()) out += "Date: " + mail.date + "\r\n";
  out += "Message-ID: " + mail.message_id + "\r\n";
  put_ids(out, "In-Reply-To", mail.in_reply_to);
  put_ids(out, "References", mail.references);
  for (const AutomaticField &field : mail.automatic)
    (out += field.name) += ": " + field.value + "\r\n";
  out += "X-Sekisho-Receipt: " + mail.receipt + "\r\n";
  out += "MIME-Version: 1.0\r\n";
  if (mail.attachments.empty()) {
    put_text(out, mail, /*is_part=*/false);
    return to_buffer(out);
  }

  std::string boundary = "=_sekisho_" + std::string(digest.substr(0, 32));
  out += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n";
  put_text(out, mail, /*is_part=*/true);
  for (const Attachment &attachment : mail.attachments) {
    out += "--" + boundary + "\r\nContent-Type: ";
    out += media_type(attachment.part);
    out += "\r\n";
    put_file_name(out, attachment.name);
    put_body(out, attachment.part);
  }
  out += "--" + boundary + "--\r\n";
  return to_buffer(out);
}

} // namespace sekisho::mime
