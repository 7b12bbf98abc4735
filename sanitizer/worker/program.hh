// What sekisho-sanitizer and sekisho-office have in common as programs.
#pragma once

#include <sys/types.h>

#include <charconv>
#include <functional>
#include <string_view>

namespace sekisho::worker {

struct Identity {
  uid_t uid = 65534;
  gid_t gid = 65534;
};

struct Program {
  int channel = -1; // to whoever asks for workers
  Identity identity;
  bool self_test = false;
};

/// The whole of `text`.
template <class Number> bool read_number(std::string_view text, Number &number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// --self-test, --channel, --uid and --gid; `take` is asked about other words and their values, false: there is no
/// such word or value.  False where the command line is none.
bool read_program_options(int count, char **arguments, Program &program,
                          const std::function<bool(std::string_view word, std::string_view value)> &take);

/// All that a process calls which only waits for its one child.
constexpr const char *waiter_calls[] = {"wait4", "rt_sigreturn", "restart_syscall",
                                        "brk",   "munmap",       "exit_group"};
/// The child's exit status, 1 where it was ended.
int status_of(pid_t child);

} // namespace sekisho::worker
