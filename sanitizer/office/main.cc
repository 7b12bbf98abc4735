// sekisho-office: the processes in which LibreOffice opens other people's documents.
//
//   waiter           started by the supervisor or the command line; makes the world, then only
//   waits
//     └─ nursery     has LibreOffice's libraries in memory, reads no document
//          └─ keeper      one a worker: makes the worker's world, then only waits
//               └─ worker     LibreOffice, started ahead; one document, then gone
#include "base/log.hh"
#include "sanitizer/office/jails.hh"
#include "sanitizer/office/kit.hh"
#include "sanitizer/office/nursery.hh"
#include "sanitizer/office/profile.hh"
#include "sanitizer/office/self_test.hh"
#include "sanitizer/worker/program.hh"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>

namespace sekisho::office {
namespace {

constexpr std::string_view usage =
    "usage: sekisho-office --channel FD [--uid N --gid N] [--ahead N] [--most N] [--libreoffice "
    "FOLDER]\n"
    "       sekisho-office --self-test\n"
    "Started by sekishod and by `sekisho sanitize`; see sekisho-sanitize(1).\n";

struct Options : worker::Program {
  NurserySettings nursery;
};

bool read_options(int count, char **arguments, Options &options) {
  const char *folder = std::getenv("SEKISHO_LIBREOFFICE");
  options.nursery.at_once = std::max(std::thread::hardware_concurrency(), 1u);
  options.nursery.installation = folder ? folder : "/usr/lib/libreoffice";
  return worker::read_program_options(
      count, arguments, options, [&](std::string_view word, std::string_view value) {
        if (word == "--ahead") return worker::read_number(value, options.nursery.ahead);
        if (word == "--most") return worker::read_number(value, options.nursery.most);
        options.nursery.installation = value;
        return word == "--libreoffice";
      });
}

int wait_for(pid_t nursery) {
  return nursery < 0 || !jail_waiter() ? 1 : worker::status_of(nursery);
}

/// Why there is no engine; nothing when there is.
Result<void> get_ready(const Options &options) {
  const std::string program = options.nursery.installation + "/program";
  if (::access((program + "/libswlo.so").c_str(), R_OK) != 0)
    return fail("no LibreOffice with Writer in " + options.nursery.installation);
  TRY(enter_own_world(options.identity, options.nursery.installation));
  set_environment(scratch);
  return kit::load_libraries(program);
}

int run(const Options &options) {
  set_log_name("office");
  const int keep[] = {options.channel, STDERR_FILENO, options.self_test ? STDOUT_FILENO : -1};
  jail::close_all_but(keep);
  if (auto ready = get_ready(options); !ready) {
    log_info(ready.error().what + ": Office files are not rendered");
    return options.self_test ? 77 : run_without_engine(options.channel);
  }
  const pid_t nursery = ::fork();
  if (nursery != 0) return wait_for(nursery);
  if (auto jailed = jail_nursery(); !jailed) {
    log_error("nursery: " + jailed.error().what);
    return 1;
  }
  return options.self_test ? try_what_is_forbidden(options.nursery.installation)
                           : Nursery(options.channel, options.nursery).run();
}

} // namespace
} // namespace sekisho::office

int main(int count, char **arguments) {
  sekisho::office::Options options;
  if (!sekisho::office::read_options(count, arguments, options)) {
    (void)!::write(STDERR_FILENO, sekisho::office::usage.data(), sekisho::office::usage.size());
    return 2;
  }
  ::_exit(sekisho::office::run(options));
}
