// Any text as the words of a note: findings, or a note that gives the receipt number in both languages and
// can stand in a mail, in ISO-2022-JP too where that has its characters.
#include "base/check.hh"
#include "sanitizer/mime/write.hh"
#include "sanitizer/rebuild/mail/note.hh"
#include "sanitizer/verify/verify.hh"

#include <algorithm>

namespace {

using namespace sekisho;

job::Report report_of_one_taken() {
  job::PartReport part;
  part.name = "請求書.exe";
  part.reasons = {Reason::part_executable};
  job::Report report;
  report.receipt = "R-123";
  report.parts.push_back(part);
  return report;
}

void check_mail(std::string text) {
  Result<verify::CleanPart, Reason> body = verify::Verifier::accept_text(Untrusted(std::move(text)));
  CHECK(body.has_value());
  mime::NewMail mail{.receipt = "R-123",
                     .from = {{"差出人", "a@example.jp"}},
                     .to = {},
                     .cc = {},
                     .reply_to = {},
                     .subject = "件名",
                     .date = {},
                     .message_id = "<1@example.jp>",
                     .in_reply_to = {},
                     .references = {},
                     .automatic = {},
                     .body = std::move(*body),
                     .attachments = {}};
  if (mime::fits_iso_2022_jp(mail)) mail.charset = job::MailCharset::iso_2022_jp;
  CHECK(verify::accept_mail(mime::write(mail, std::string(32, '0'))).has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string_view text = as_chars(std::as_bytes(std::span(data, size)));
  const rebuild::ReadNote read = rebuild::read_note_words(text);
  CHECK(read.words.has_value() ==
        std::ranges::none_of(read.findings, &rebuild::NoteFinding::is_error));
  if (!read.words) return 0;
  CHECK(rebuild::read_note_words(read.plain).plain == read.plain);
  const rebuild::Note note(read.plain);
  const job::Report report = report_of_one_taken();
  const std::string foot = note.foot(report);
  CHECK(foot.find(report.receipt) != foot.rfind(report.receipt)); // twice
  check_mail(note.heading(report) + foot);
  const std::string quoted = note.without_forged_lines(foot);
  CHECK(note.without_forged_lines(quoted) == quoted);
  return 0;
}
