// sekisho: everything a person types.
#include "base/utf8.hh"
#include "gateway/cli/commands.hh"
#include "gateway/cli/daemon.hh"
#include "rules/text.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <fcntl.h>

namespace {

/// Whoever starts it with standard output closed must not find its words in the first file that it opens.
void occupy_standard_streams() {
  for (int fd = 0; fd <= 2; ++fd)
    if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0) return;
}

/// An answer that did not reach its reader is none: a full disk must not look like success.
int when_written(int status) {
  errno = 0;
  if (std::fflush(stdout) == 0 && !std::ferror(stdout)) return status;
  fmt::print(stderr, "sekisho: cannot write the output{}{}\n", errno != 0 ? ": " : "",
             errno != 0 ? std::strerror(errno) : "");
  return 2;
}

/// Tells of the first word that should be a command and is none.
bool told_unknown_command(const CLI::App &program, int argc, char **argv) {
  const CLI::App *app = &program;
  std::string words = "sekisho";
  for (int i = 1; i < argc && argv[i][0] != '-' && app->get_require_subcommand_min() > 0; ++i) {
    std::vector<std::string> names;
    const CLI::App *next = nullptr;
    for (const CLI::App *command : app->get_subcommands([](const CLI::App *) { return true; })) {
      names.push_back(command->get_name());
      if (names.back() == argv[i]) next = command;
    }
    if (!next) {
      const std::vector<std::string_view> known(names.begin(), names.end());
      const std::string_view meant = sekisho::rules::nearest(argv[i], known);
      fmt::print(stderr, "{}: there is no command '{}'\n", words, sekisho::cli::for_terminal(argv[i]));
      if (!meant.empty()) fmt::print(stderr, "did you mean  {} {} ?\n", words, meant);
      fmt::print(stderr, "{} --help lists them, {} COMMAND --help tells more\n", words, words);
      return true;
    }
    app = next;
    words += fmt::format(" {}", argv[i]);
  }
  return false;
}

bool is_called(const CLI::Option &option, std::string_view name) {
  return std::ranges::any_of(option.get_snames(), [&](const std::string &one) { return name == "-" + one; }) ||
         std::ranges::any_of(option.get_lnames(), [&](const std::string &one) { return name == "--" + one; });
}

void tell_no_option(std::string_view words, std::string_view name, const std::vector<std::string> &names) {
  fmt::print(stderr, "{}: there is no option '{}'\n", words, sekisho::cli::for_terminal(name));
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = name.starts_with("--") ? sekisho::rules::nearest(name.substr(2), known) : "";
  if (!nearest.empty()) fmt::print(stderr, "did you mean  --{} ?\n", nearest);
  fmt::print(stderr, "{} --help lists them\n", words);
}

/// Tells of the first word that should be an option and is none of the called command.
bool told_unknown_option(const CLI::App &program, int argc, char **argv) {
  const CLI::App *app = &program;
  std::string words = "sekisho";
  for (int i = 1; i < argc && std::string_view(argv[i]) != "--"; ++i) {
    const std::string_view typed = argv[i];
    for (const CLI::App *next : app->get_subcommands([&](const CLI::App *command) { return command->get_name() == typed; })) {
      app = next;
      words += fmt::format(" {}", typed);
    }
    const bool is_option = typed.size() > 1 && typed[0] == '-' && !(typed[1] >= '0' && typed[1] <= '9');
    if (!is_option) continue;
    const bool is_short = typed[1] != '-';
    const std::string_view name = is_short ? typed.substr(0, 2) : typed.substr(0, typed.find('='));
    std::vector<std::string> names; // long ones, without their dashes: those of two words are not alike for them
    const CLI::Option *meant = nullptr;
    for (const CLI::App *level = app; level; level = level->get_parent()) // --run may stand behind either
      for (const CLI::Option *option : level->get_options([](const CLI::Option *) { return true; })) {
        if (!meant && is_called(*option, name)) meant = option;
        names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
      }
    if (!meant) {
      tell_no_option(words, name, names);
      return true;
    }
    const bool has_value_behind = is_short ? typed.size() == 2 : name.size() == typed.size();
    if (meant->get_items_expected_max() > 0 && has_value_behind) ++i;
  }
  return false;
}

/// What a command was called with and cannot use.
void tell_misuse(const CLI::App &program, const CLI::ParseError &error) {
  const CLI::App *command = &program;
  std::string words = "sekisho";
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    words += " " + command->get_name();
  }
  const std::vector<std::string> extra = program.remaining(true);
  sekisho::cli::tell_error(words, extra.empty() ? error.what() : fmt::format("not expected: {}", fmt::join(extra, " ")));
  fmt::print(stderr, "{} --help tells more\n", words);
}

/// The man page of a command behind its help and that of its subcommands.
void name_pages(CLI::App &program) {
  const std::string of_program = program.get_footer();
  for (CLI::App *command : program.get_subcommands([](CLI::App *) { return true; })) {
    const std::string page = command->get_name() == "join" ? "sever" : command->get_name();
    std::vector<CLI::App *> all = command->get_subcommands([](CLI::App *) { return true; });
    all.push_back(command);
    for (CLI::App *each : all) {
      const std::string footer = each->get_footer() == of_program ? "" : each->get_footer() + "\n\n";
      each->footer(footer + "`man sekisho-" + page + "` tells more.");
    }
  }
}

/// Of what was typed for the called commands, the first that is not UTF-8; empty: none.
std::string not_utf8(const CLI::App &app) {
  for (const CLI::Option *option : app.get_options())
    if (!std::ranges::all_of(option->results(), sekisho::utf8_valid)) return option->get_name();
  for (const CLI::App *command : app.get_subcommands())
    if (std::string name = not_utf8(*command); !name.empty()) return name;
  return {};
}

/// JSON is UTF-8, and a question to the daemon is JSON.
int tell_not_utf8(const CLI::App &app, const std::exception &error) {
  const std::string name = not_utf8(app);
  if (name.empty()) sekisho::cli::tell_error("sekisho", error.what());
  else fmt::print(stderr, "{}: not in UTF-8; set the terminal to UTF-8 (it may be in EUC-JP or Shift_JIS)\n", name);
  return 2;
}

} // namespace

int main(int argc, char **argv) {
  occupy_standard_streams();
  CLI::App app("Sekisho keeps networks apart and lets through only what is listed.", "sekisho");
  app.set_version_flag("--version", "sekisho " SEKISHO_VERSION);
  app.require_subcommand(1);
  app.footer("`sekisho COMMAND --help` tells more and shows an example; so does `man sekisho`.");

  int exit_status = 0;
  // The running gateway.
  sekisho::cli::add_status(app, exit_status);
  sekisho::cli::add_flows(app, exit_status);
  sekisho::cli::add_top(app, exit_status);
  sekisho::cli::add_devices(app, exit_status);
  sekisho::cli::add_trace(app, exit_status);
  sekisho::cli::add_queue(app, exit_status);
  sekisho::cli::add_hold(app, exit_status);
  sekisho::cli::add_apply(app, exit_status);
  sekisho::cli::add_reload(app, exit_status);
  sekisho::cli::add_sever(app, exit_status);
  sekisho::cli::add_breaker(app, exit_status);
  // What it leaves behind.
  sekisho::cli::add_evidence(app, exit_status);
  sekisho::cli::add_record(app, exit_status);
  sekisho::cli::add_reasons(app, exit_status);

  // Rules, on any machine.
  sekisho::cli::add_check(app, exit_status);
  sekisho::cli::add_fmt(app, exit_status);
  sekisho::cli::add_explain(app, exit_status);
  sekisho::cli::add_prove(app, exit_status);
  sekisho::cli::add_replay(app, exit_status);
  // Mails and files, on any machine.
  sekisho::cli::add_sanitize(app, exit_status);
  name_pages(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0) return when_written(app.exit(error)); // --help, --version
    if (!told_unknown_command(app, argc, argv) && !told_unknown_option(app, argc, argv)) tell_misuse(app, error);
    return 2;
  } catch (const nlohmann::json::type_error &error) {
    return tell_not_utf8(app, error);
  } catch (const std::exception &error) {
    sekisho::cli::tell_error("sekisho", error.what());
    return 2;
  }
  return when_written(exit_status);
}
