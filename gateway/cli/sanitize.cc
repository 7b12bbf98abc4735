// sekisho sanitize: a mail, a file or a folder of them made harmless, by the same code as in the gateway.
#include "gateway/cli/commands.hh"
#include "gateway/cli/sanitize_input.hh"

#include <filesystem>
#include <memory>

namespace sekisho::cli {
namespace {

int sanitize(const SanitizeOptions &options) {
  if (options.output.empty() && !options.explain) {
    sanitize_complain("where does the result go?  -o OUT, or --explain to see only what would become of it");
    return sanitize_cannot;
  }
  const std::optional<job::Plan> plan = sanitize_plan(options);
  if (!plan) return sanitize_cannot;
  std::error_code none;
  const bool is_folder = std::filesystem::is_directory(options.input, none);
  return is_folder ? sanitize_folder(options, *plan) : sanitize_one(options, *plan);
}

} // namespace

void add_sanitize(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("sanitize", "Make mails and files harmless");
  auto options = std::make_shared<SanitizeOptions>();
  command->add_option("IN", options->input, "a mail, a file, or a folder; what each is, is found out by content")
      ->required();
  command->add_option("-o,--output", options->output, "where the harmless one goes; of a folder: a folder");
  command->add_option("--rules", options->rules, "rule file or folder whose relay says what to do")
      ->allow_extra_args(false);
  command->add_option("--relay", options->relay,
                      "which relay of the rules, when there are several");
  command->add_option("--office", options->office,
                      "without --rules: rebuild Office files (the default; old formats are rendered), or render all of "
                      "them as PDFs")
      ->check(CLI::IsMember({"rebuild", "render"}))
      ->excludes("--rules");
  command->add_option("--note", options->note, "file with the words that a mail's reader gets, instead of those of the rules");
  command->add_flag("--append-text", options->append_text, "a mail: the text of attachments stands at its foot too");
  command->add_option("--charset", options->charset, "a mail: written so, where it has no other characters")
      ->check(CLI::IsMember({"utf-8", "iso-2022-jp"}));
  command->add_option("--report", options->report, "write what was done as JSON to this file");
  command->add_option("--scan", options->scanner, "ask the virus scanner (clamd) at this socket first; without a clean "
                                                  "answer the input is held");
  command->add_option("--definitions-days", options->definitions_days,
                      "the scanner's definitions may be so old (3); 0: their age is not asked")
      ->check(CLI::Range(0, 365));
  command->add_flag("--explain", options->explain, "tell in sentences what was found and done; -o may be left out");
  command->add_option("--jobs", options->jobs, "a folder: so many files at once (as many as processors)")
      ->check(CLI::Range(1, 64));
  command->add_option("--as", options->as, "take the input as this, whatever it looks like")
      ->check(CLI::IsMember({"mail", "file"}));
  command->add_option("--sanitizer", options->program, "path of sekisho-sanitizer")->group("");
  command->add_option("--office-program", options->office_program, "path of sekisho-office")->group("");
  command->footer(
      "Without --rules: PDFs and pictures are drawn anew, Office files rebuilt, archives unpacked, texts and mails\n"
      "become plain text, encrypted files are held, everything else is taken out.\n\n"
      "Exit status: 0 clean; 2 the input, the rules or the output cannot be used; 3 held; 4 refused. Of a folder\n"
      "the worst: 2, then 4, then 3. Only what is clean is written; otherwise an existing file stays as it is.\n\n"
      "Examples:\n"
      "  sekisho sanitize mail.eml -o clean.eml --rules three-zones.rules --report report.json\n"
      "  sekisho sanitize inbox/ -o harmless/ --jobs 4\n"
      "  sekisho sanitize offer.docx --explain");
  command->callback([options, &exit_status] { exit_status = sanitize(*options); });
}

} // namespace sekisho::cli
