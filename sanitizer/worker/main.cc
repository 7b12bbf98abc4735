// sekisho-sanitizer: the process in which other people's files are opened.
//
//   waiter          started by the supervisor or the command line; loads the engines, makes
//     │             the namespaces, then only waits
//     └─ zygote     first process of its own world: forks workers, watches them, ends them
//          ├─ mail worker   our own parsers only; many mails
//          └─ file worker   other people's decoders; one file, then gone
#include "base/log.hh"
#include "sanitizer/rebuild/warm_up.hh"
#include "sanitizer/worker/jails.hh"
#include "sanitizer/worker/program.hh"
#include "sanitizer/worker/self_test.hh"
#include "sanitizer/worker/zygote.hh"

#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace sekisho::worker {
namespace {

constexpr std::string_view usage =
    "usage: sekisho-sanitizer --channel FD [--uid N --gid N] [--pdfium LIBRARY]\n"
    "       sekisho-sanitizer --self-test\n"
    "Started by sekishod and by `sekisho sanitize`; see sekisho-sanitize(1).\n";

struct Options : Program {
  std::string pdfium; // empty: SEKISHO_PDFIUM, else the usual places
};

bool read_options(int count, char **arguments, Options &options) {
  if (const char *library = std::getenv("SEKISHO_PDFIUM")) options.pdfium = library;
  return read_program_options(count, arguments, options, [&](std::string_view word, std::string_view value) {
    options.pdfium = value;
    return word == "--pdfium";
  });
}

/// Every function of every library is found before the first fork, not by each worker at its first call.
void bind_now(char **arguments) {
  if (std::getenv("LD_BIND_NOW")) return;
  ::setenv("LD_BIND_NOW", "1", 1);
  std::error_code ignored;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  ::execv(program.c_str(), arguments); // where that fails it goes on as it is
}

bool done(const char *step, const Result<void> &result) {
  if (!result) log_error(std::string(step) + ": " + result.error().what);
  return result.has_value();
}

int run_zygote(const Options &options) {
  const int keep[] = {options.channel, STDERR_FILENO, options.self_test ? STDOUT_FILENO : -1};
  jail::close_all_but(keep);
  if (!done("zygote", jail_zygote(options.identity))) return 1;
  return options.self_test ? try_what_is_forbidden() : Zygote(options.channel).run();
}

int wait_for(pid_t zygote, const Options &options) {
  return jail_waiter(options.identity) ? status_of(zygote) : 1;
}

int run(const Options &options) {
  set_log_name("sanitizer");
  for (const std::string &missing : rebuild::warm_up(options.pdfium).missing)
    log_error("missing " + missing);
  ::malloc_trim(0); // what warming up left free, each fork would copy the page tables of
  if (!done("namespaces", enter_namespaces())) return 1;
  const pid_t zygote = ::fork();
  if (zygote < 0) return 1;
  return zygote == 0 ? run_zygote(options) : wait_for(zygote, options);
}

} // namespace
} // namespace sekisho::worker

int main(int count, char **arguments) {
  sekisho::worker::bind_now(arguments);
  sekisho::worker::Options options;
  if (!sekisho::worker::read_options(count, arguments, options)) {
    (void)!::write(STDERR_FILENO, sekisho::worker::usage.data(), sekisho::worker::usage.size());
    return 2;
  }
  ::_exit(sekisho::worker::run(options)); // the jail has no room for what exit() would do
}
