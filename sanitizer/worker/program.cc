#include "sanitizer/worker/program.hh"

#include <sys/wait.h>

namespace sekisho::worker {

bool read_program_options(int count, char **arguments, Program &program,
                          const std::function<bool(std::string_view word, std::string_view value)> &take) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = arguments[i];
    if (word == "--self-test") {
      program.self_test = true;
      continue;
    }
    if (++i == count) return false;
    const std::string_view value = arguments[i];
    if (word == "--channel" ? !read_number(value, program.channel)
        : word == "--uid"   ? !read_number(value, program.identity.uid)
        : word == "--gid"   ? !read_number(value, program.identity.gid)
                            : !take(word, value))
      return false;
  }
  return program.self_test || program.channel >= 0;
}

int status_of(pid_t child) {
  int status = 0;
  ::wait4(child, &status, 0, nullptr);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

} // namespace sekisho::worker
