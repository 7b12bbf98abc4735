// sekisho reasons: the one table of refusals, for people and for docs/reasons.md.
#include "base/reason.hh"
#include "gateway/cli/commands.hh"

#include <fmt/format.h>

#include <memory>

namespace sekisho::cli {
namespace {

struct GroupTitle {
  ReasonGroup group;
  std::string_view title, about;
};
constexpr GroupTitle titles[] = {
    {ReasonGroup::packet, "Packets", "Dropped by the packet path."},
    {ReasonGroup::mail, "Mail", "Refused, put off or returned by the relay."},
    {ReasonGroup::part, "Parts of a mail or file", "What was taken or changed, and why."},
    {ReasonGroup::job, "A whole mail or file", "Nothing came out clean: held or refused."},
};

void print_plain() {
  for (const GroupTitle &title : titles) {
    fmt::print("{}: {}\n", title.title, title.about);
    for (const ReasonInfo &row : all_reasons())
      if (row.group == title.group)
        fmt::print("  {:<24} {} ({})\n  {:<24} {}\n", row.word, row.english, row.source, "",
                   row.japanese);
    fmt::print("\n");
  }
}

void print_markdown() {
  fmt::print("# Reasons\n\nEvery way out has one name: counter, log word, record word and word of the command\n"
             "line. This page is the output of `sekisho reasons --markdown`; the table is `base/reason.def`.\n");
  for (const GroupTitle &title : titles) {
    fmt::print("\n## {}\n\n{}\n\n| word | meaning | 意味 | source |\n|---|---|---|---|\n", title.title,
               title.about);
    for (const ReasonInfo &row : all_reasons())
      if (row.group == title.group)
        fmt::print("| `{}` | {} | {} | {} |\n", row.word, row.english, row.japanese, row.source);
  }
}

} // namespace

void add_reasons(CLI::App &app, int &exit_status) {
  CLI::App *command = app.add_subcommand("reasons", "List every reason to refuse, with its meaning");
  auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "as the page docs/reasons.md");
  command->footer("Example:\n  sekisho reasons | grep -A1 not-listed");
  command->callback([markdown, &exit_status] {
    *markdown ? print_markdown() : print_plain();
    exit_status = 0;
  });
}

} // namespace sekisho::cli
