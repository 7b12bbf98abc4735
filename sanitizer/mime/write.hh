// The one canonical form of a mail that leaves us (verify/mail.cc reads it back).  Takes CleanPart
// only: no octet of an original can be handed on (H1–H3).
#pragma once

#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/automatic.hh"
#include "sanitizer/verify/clean_part.hh"

#include <string>
#include <vector>

namespace sekisho::mime {

struct Attachment {
  verify::CleanPart part;
  std::string name; // cleaned (text::clean_file_name), with its extension
};

struct NewMail {
  std::string receipt;
  std::vector<Mailbox> from, to, cc, reply_to; // one From; several are written as the first
  std::string subject;                         // cleaned, one line
  std::string date;                            // canonical_date(), or empty: not written
  std::string message_id;                      // is_message_id()
  std::vector<std::string> in_reply_to, references;
  std::vector<AutomaticField> automatic; // read_automatic()
  verify::CleanPart body; // text
  std::vector<Attachment> attachments;
  bool recipients_hidden = false; // To names nobody, and there is no Cc
  job::MailCharset charset = job::MailCharset::utf8; // of the body and of words in the header
};

constexpr std::size_t most_of_subject = 2000; // octets of UTF-8 that are written
constexpr std::size_t most_of_addresses = 56 << 10; // of a field behind which no further address is begun: verify takes 64 KiB

/// How many of these a field surely has room for; behind them they are left out.
std::size_t count_fitting(const std::vector<Mailbox> &mailboxes);

/// One field, folded; mailboxes have an address each, and where there is none there is no field.  Encoded words (RFC 2047) stand for
/// names and text only.  Returns how many mailboxes it wrote: behind `most` octets it begins none.
std::size_t put_mailboxes(std::string &out, std::string_view name, const std::vector<Mailbox> &mailboxes, job::MailCharset charset = {},
                          std::size_t most = most_of_addresses);
void put_text_field(std::string &out, std::string_view name, std::string_view utf8, job::MailCharset charset = {});

/// Whether ISO-2022-JP has all characters of the body and the header.  Texts that are attached and names
/// of files stay in UTF-8.
bool fits_iso_2022_jp(const NewMail &mail);

/// A mail in ISO-2022-JP must fit.  `digest`: hexadecimal, at least 32 digits, from the input: the boundary is made of it, so that
/// the same input gives the same mail; not asked for where nothing is attached.
Buffer write(const NewMail &mail, std::string_view digest);

} // namespace sekisho::mime
