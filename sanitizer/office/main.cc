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

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
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

struct Options {
  int channel = -1;
  Identity identity;
  NurserySettings nursery;
  bool self_test = false;
};

template <class Number> bool read_number(std::string_view text, Number &number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_options(int count, char **arguments, Options &options) {
  const char *folder = std::getenv("SEKISHO_LIBREOFFICE");
  options.nursery.at_once = std::max(std::thread::hardware_concurrency(), 1u);
  options.nursery.installation = folder ? folder : "/usr/lib/libreoffice";
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    if (word == "--self-test") {
      options.self_test = true;
      continue;
    }
    if (++i == count) return false;
    const std::string_view value = arguments[i];
    if (word == "--libreoffice")
      options.nursery.installation = value;
    else if (word == "--channel" ? !read_number(value, options.channel)
             : word == "--uid"   ? !read_number(value, options.identity.uid)
             : word == "--gid"   ? !read_number(value, options.identity.gid)
             : word == "--ahead" ? !read_number(value, options.nursery.ahead)
             : word == "--most"  ? !read_number(value, options.nursery.most)
                                 : true)
      return false;
  }
  return options.self_test || options.channel >= 0;
}

int wait_for(pid_t nursery) {
  if (nursery < 0 || !jail_waiter()) return 1;
  int status = 0;
  ::wait4(nursery, &status, 0, nullptr);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
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
