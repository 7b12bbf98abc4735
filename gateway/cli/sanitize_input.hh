// One input of `sekisho sanitize`: its plan, its octets, its treatment.  Shared by the command on one file and on
// a folder.
#pragma once

#include "gateway/scan/scanner.hh"
#include "sanitizer/client/client.hh"

#include <optional>
#include <string>
#include <vector>

namespace sekisho::cli {

enum SanitizeStatus { sanitize_clean = 0, sanitize_cannot = 2, sanitize_held = 3, sanitize_refused = 4 };

struct SanitizeOptions {
  std::string input, output, report, relay, as, program, office_program;
  std::string office = "rebuild"; // or "render": without rules
  std::string scanner; // clamd's socket; empty: none
  unsigned definitions_days = 3;
  std::vector<std::string> rules;
  std::string note, charset; // a file; empty: as the rules say
  bool append_text = false;
  unsigned jobs = 0; // folders: at once; 0: as many as there are processors
  bool explain = false;
};

/// One line on standard error.
std::nullopt_t sanitize_complain(const std::string &what);

/// Of the rules, or the built-in one: pictures and PDFs drawn anew, Office files rebuilt, archives unpacked, texts and mails as
/// text, encrypted things held, the rest taken out.  Nothing after a complaint.
std::optional<job::Plan> sanitize_plan(const SanitizeOptions &options);

/// What treats one input after the other; one a thread.
class SanitizeLine {
public:
  /// `first`: a line beside which this one works, with the same LibreOffice.  Errors: the sanitizer cannot be started.
  static Result<SanitizeLine> start(const SanitizeOptions &options, const job::Plan &plan, const SanitizeLine *first = nullptr);

  /// Reads, scans and treats one file.  The receipt number is made of its octets.  Errors: it cannot be read.
  Result<job::Outcome> treat(const std::string &path);

private:
  SanitizeLine(const SanitizeOptions &options, const job::Plan &plan, client::Sanitizer sanitizer);

  std::string as_;
  job::Plan plan_;
  client::Sanitizer sanitizer_;
  std::optional<scan::Scanner> scanner_;
};

int sanitize_one(const SanitizeOptions &options, const job::Plan &plan);
int sanitize_folder(const SanitizeOptions &options, const job::Plan &plan);

inline SanitizeStatus exit_status_of(job::Status status) {
  return status == job::Status::clean  ? sanitize_clean
         : status == job::Status::held ? sanitize_held
                                       : sanitize_refused;
}

} // namespace sekisho::cli
