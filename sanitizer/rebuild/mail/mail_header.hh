// The fields of a mail that live on: read, decoded, cleaned (H1).  All others are left behind.
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/mime/address.hh"
#include "sanitizer/mime/automatic.hh"
#include "sanitizer/mime/parse.hh"

namespace sekisho::rebuild {

constexpr std::size_t max_report_field = 4000; // octets of a header field's text in the report

struct MailHeader {
  std::vector<mime::Mailbox> from, to, cc, reply_to; // one From, always
  std::string subject;
  std::string date; // empty where the mail has none that can be read, and nobody said when it was taken
  std::string message_id; // empty where the mail has none that is one
  std::vector<std::string> in_reply_to, references;
  std::vector<mime::AutomaticField> automatic;
};

/// Also fills in what the report says of the header.  `accepted`: as Job::accepted.
MailHeader read_header(const mime::Part &part, UnixSeconds accepted, job::Report &report);

/// To and Cc show several recipients who are not of these domains, lower case (M6).  None: of that of From.
bool is_for_several(const MailHeader &header, const std::vector<std::string> &own_domains);
/// Takes out of Reply-To who is a recipient and neither of these domains nor in From: an answer goes to the sender (M6).
void hide_recipients_to_reply_to(MailHeader &header, const std::vector<std::string> &own_domains);

} // namespace sekisho::rebuild
