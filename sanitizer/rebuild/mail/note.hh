// What the reader is told, at the foot of the mail (H2).
#pragma once

#include "sanitizer/job/job.hh"
#include "sanitizer/rebuild/mail/note_words.hh"

#include <bitset>
#include <memory>
#include <span>
#include <string>

namespace sekisho::rebuild {

class Note {
public:
  /// `note_words` as Plan has them.  What the rule checker would not have let through gives the
  /// built-in words.
  explicit Note(std::string_view note_words);

  /// To stand before the body when something is missing from the mail or its sender is doubtful; empty otherwise.
  std::string heading(const job::Report &report) const;
  /// To stand before the subject of a mail whose sender is not known; empty otherwise.
  std::string subject_mark(const job::Report &report) const;
  /// What was taken, what was changed, how to ask for it; empty when nothing that matters happened.
  std::string foot(const job::Report &report) const;
  /// The sender's subject, where it begins as that mark or carries one of ours, said to be the sender's.
  std::string senders_subject(std::string subject) const;
  /// A line of the body that could pass for one of these words, in a mail of this charset, is marked as quoted; where it
  /// stands in a quotation, as in an answer to a mail with our note, with all of that.
  /// `has_marks`: set where one outside of quotations carries a mark of ours; may be null.  `own`: where lines begin that are
  /// ours, ascending.
  std::string without_forged_lines(std::string body, job::MailCharset charset = job::MailCharset::utf8,
                                   bool *has_marks = nullptr, std::span<const std::size_t> own = {}) const;

private:
  void protect(const NoteSection &section);
  bool begins_as_ours(std::string_view line) const;
  bool begins_as_one(std::string_view line, const std::vector<std::string> &beginnings) const;

  NoteWords words_;
  std::vector<std::string> beginnings_; // of our lines, up to the first placeholder
  std::vector<std::string> bare_;       // the same without the symbols before them
  std::size_t longest_ = 0;
  std::bitset<4096> sums_; // of their first octets: most lines are passed over at once
};

/// The one made last is kept: all mails of a worker have the same words.
std::shared_ptr<const Note> note_with(std::string_view note_words);

/// What is told beside other things only: by itself it makes no note.
bool is_everyday(Reason reason);

/// The line between two forms of one text that say different things.
std::string_view form_divider(bool is_plain);

/// The line over a file's text at the foot of the mail.
std::string appended_heading(std::string_view name);

} // namespace sekisho::rebuild
