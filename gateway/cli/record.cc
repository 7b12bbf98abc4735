// sekisho record: whether the record is whole, and what it says.
#include "gateway/cli/commands.hh"
#include "gateway/cli/counted.hh"
#include "gateway/cli/daemon.hh"
#include "gateway/record/verify.hh"

#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <optional>

namespace sekisho::cli {
namespace {

constexpr int whole = 0, broken = 1, unusable = 2;

struct Options {
  std::string folder; // the record's own, or else
  std::string state = "/var/lib/sekisho";
  std::string expect; // SEQ:HASH
  std::size_t count = 20;
};

std::string folder_of(const Options &options) {
  return options.folder.empty() ? options.state + "/record" : options.folder;
}

/// Both commands read a record that may lie anywhere.
void add_folder_options(CLI::App &command, Options &options) {
  command.add_option("FOLDER", options.folder, "the record's folder (default: STATE/record)");
  command.add_option("--state", options.state, "state folder of the daemon")->capture_default_str();
}

/// "17:3fa9…" as a link; nothing when it is not of that shape.
std::optional<record::Link> parse_link(const std::string &text) {
  record::Link link;
  const char *end = text.data() + text.size();
  auto [colon, error] = std::from_chars(text.data(), end, link.seq);
  if (error != std::errc() || colon == end || *colon != ':' || end - colon != 65) return std::nullopt;
  link.hash.assign(colon + 1, end);
  return link;
}

int verify(const Options &options) {
  record::Link expected;
  if (!options.expect.empty()) {
    std::optional<record::Link> parsed = parse_link(options.expect);
    if (!parsed) {
      fmt::print(stderr, "sekisho record verify: --expect wants SEQ:HASH, as an earlier verify printed it\n");
      return unusable;
    }
    expected = *parsed;
  }
  Result<record::Verification> found = record::verify(folder_of(options), expected);
  if (!found) {
    tell_error("sekisho record verify", found.error().what);
    return unusable;
  }
  for (const record::Fault &note : found->notes) fmt::print("{}: note: {}\n", note.place, note.what);
  for (const record::Fault &fault : found->faults) fmt::print("{}: {}\n", fault.place, fault.what);
  fmt::print("{}: {}, lines {} to {}{}\n", found->whole() ? "whole" : "BROKEN", counted(found->files, "file"),
             found->first.seq, found->last.seq,
             found->last_time.empty() ? "" : ", last written " + found->last_time);
  if (found->whole())
    fmt::print("Keep this elsewhere and give it to a later --expect:\n  {}:{}\n", found->last.seq,
               found->last.hash);
  return found->whole() ? whole : broken;
}

/// The last `count` lines as they stand.
int tail(const Options &options) {
  Result<std::vector<std::string>> names = record::list_files(folder_of(options));
  if (!names) {
    tell_error("sekisho record tail", names.error().what);
    return unusable;
  }
  if (names->empty()) {
    tell_error("sekisho record tail", "there is no record in " + folder_of(options));
    return unusable;
  }
  std::vector<std::string> lines; // newest first
  for (std::size_t i = names->size(); i-- > 0 && lines.size() < options.count;) {
    Result<std::string> text = record::read_file(folder_of(options) + "/" + (*names)[i]);
    if (!text) continue;
    std::size_t end = text->rfind('\n');
    while (end != std::string::npos && lines.size() < options.count) {
      std::size_t before = end == 0 ? std::string::npos : text->rfind('\n', end - 1);
      std::size_t start = before == std::string::npos ? 0 : before + 1;
      lines.push_back(text->substr(start, end - start));
      end = before;
    }
  }
  for (std::size_t i = lines.size(); i-- > 0;) fmt::print("{}\n", lines[i]);
  return 0;
}

} // namespace

void add_record(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("record", "Verify and read the record (evidence)");
  command->require_subcommand(1);
  command->footer("Reads the files; no daemon is asked.\n\nExamples:\n  sekisho record verify\n  sekisho record tail -n 5 | jq .event");
  auto options = std::make_shared<Options>();

  CLI::App *verify_command =
      command->add_subcommand("verify", "Whether nothing was changed, taken out, put in or cut off");
  add_folder_options(*verify_command, *options);
  verify_command->add_option("--expect", options->expect,
                             "SEQ:HASH that an earlier verify printed: that line must still be there");
  verify_command->footer("Exits 0 when the record is whole, 1 when it is broken (each place is named), 2 when it\n"
                         "cannot be read.\n\nExample:\n  sekisho record verify /var/lib/sekisho/record");
  verify_command->callback([options, &exit_status] { exit_status = verify(*options); });

  CLI::App *tail_command = command->add_subcommand("tail", "Print the last lines as they stand");
  add_folder_options(*tail_command, *options);
  tail_command->add_option("-n", options->count, "number of lines")->capture_default_str();
  tail_command->footer("Example:\n  sekisho record tail -n 5 | jq .event");
  tail_command->callback([options, &exit_status] { exit_status = tail(*options); });
}

} // namespace sekisho::cli
