// What a hundred thousand rules cost before the first packet: each time in a process of its own.
#include "bench/packet/figures.hh"

#include <fmt/format.h>

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace sekisho::bench {
namespace {

struct Cost {
  double seconds = 0, share = 1;
  double peak_mb = 0; // of memory, beyond what there was before
};

/// Kilobytes, of /proc/self/status.
double memory_of(std::string_view what) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == what) {
      double value = 0;
      status >> value;
      return value;
    }
  return 0;
}

Cost cost_of(const std::string &text) {
  pin();
  std::ofstream("/proc/self/clear_refs") << "5"; // the peak counts from here (proc(5))
  double before = memory_of("VmRSS:");
  Seconds begin = Seconds::now();
  std::shared_ptr<const path::Policy> policy = policy_of(text);
  Seconds time = Seconds::now() - begin;
  return {time.processor, time.share(), (memory_of("VmHWM:") - before) / 1024};
}

Cost measured_apart(const std::string &text) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  std::fflush(nullptr);
  pid_t child = ::fork();
  if (child == 0) {
    Cost cost = cost_of(text);
    bool is_told = ::write(ends[1], &cost, sizeof cost) == sizeof cost;
    ::_exit(is_told ? 0 : 1);
  }
  ::close(ends[1]);
  Cost cost;
  bool is_told = child > 0 && ::read(ends[0], &cost, sizeof cost) == sizeof cost;
  ::close(ends[0]);
  if (child > 0) ::waitpid(child, nullptr, 0);
  if (!is_told) throw std::runtime_error("the rules do not compile");
  return cost;
}

} // namespace

void measure_compile(Session &session) {
  bool wants_time = session.wants("packet/compile-100k");
  bool wants_memory = session.wants("packet/compile-100k-memory");
  if (!wants_time && !wants_memory) return;
  std::string few = Town(10'000).text(), many = Town(100'000).text();
  auto seconds = [](const std::string &text) {
    Cost cost = measured_apart(text);
    return Sample{cost.seconds, cost.share};
  };
  auto memory = [](const std::string &text) {
    return Sample{.value = measured_apart(text).peak_mb};
  };
  if (wants_time)
    session.run({.name = "packet/compile-100k",
                 .unit = "s",
                 .measure = [&] { return seconds(many); },
                 .reference = "10k rules",
                 .measure_reference = [&] { return seconds(few); }});
  if (wants_memory)
    session.run({.name = "packet/compile-100k-memory",
                 .unit = "MB",
                 .measure = [&] { return memory(many); },
                 .reference = "10k rules",
                 .measure_reference = [&] { return memory(few); }});
}

} // namespace sekisho::bench
