// What rules cost: reading them (time, memory) and asking them (a flow's first packet), by their
// number.  bench-rules [--json] [COUNT…]; COUNT is the number of permits, 100 to 100000 by default.
#include "rules/compile.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string_view>

#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

using namespace sekisho;

constexpr UnixSeconds now = 1'795'180'000;

/// Of this thread's processor: whoever takes the core away is not counted.
double seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Of `count` permits most name two addresses and a port, some networks, ranges, zones and a set.
std::string policy_of(std::size_t count) {
  std::string text =
      "zone a { port \"a\"  network 10.0.0.0/9  address 10.0.0.1 }\n"
      "zone b { port \"b\"  network 10.128.0.0/9  address 10.128.0.1 }\n"
      "set servers { 10.200.0.1, 10.200.1.0/24, 10.201.0.0/16, 10.202.0.9, 10.203.0.9 }\n";
  for (std::size_t i = 0; i < count; ++i) {
    std::string source = fmt::format("10.{}.{}.{}", i % 100, i / 100 % 250, i / 25'000 + 2);
    std::string target = fmt::format("10.{}.{}.9", 128 + i * 7 % 100, i / 100 % 250);
    std::string sentence =
        fmt::format("tcp port {} from {} to {}", 1000 + i % 50'000, source, target);
    if (i % 20 == 17)
      sentence = fmt::format("tcp port {}-{} from 10.{}.{}.0/24 to {}", 1000 + i % 50'000,
                             1010 + i % 50'000, i % 100, i / 100 % 250, target);
    if (i % 20 == 18)
      sentence = fmt::format("udp port {} from {} to 10.{}.0.0/16", 1000 + i % 50'000, source,
                             128 + i % 100);
    if (i % 20 == 19)
      sentence = fmt::format("udp port {} from {} to servers", 1000 + i % 50'000, source);
    if (i % 1000 == 999) sentence = fmt::format("tcp port {} from a to b", 60'000 + i / 1000);
    text += fmt::format("permit {} for \"業務\" owner \"課\" approved \"R8-{}\" until 2030-03-31\n",
                        sentence, i);
  }
  return text;
}

rules::PacketSubject packet(std::uint32_t from, std::uint32_t to, std::uint16_t port) {
  rules::PacketSubject subject;
  subject.from = 0;
  subject.source = Ip::from_v4(from);
  subject.destination = Ip::from_v4(to);
  subject.protocol = rules::protocol::tcp;
  subject.source_port = 40'000;
  subject.destination_port = port;
  subject.source_mac = Mac{{2, 0, 0, 0, 0, 1}};
  return subject;
}

struct Asked {
  double ns = 0;
  double passed = 0; // of all
};

Asked ask(const rules::RuleSet &rules, const std::vector<rules::PacketSubject> &packets) {
  std::vector<double> rounds;
  std::size_t passed = 0;
  for (int round = 0; round < 5; ++round) {
    passed = 0;
    double start = seconds();
    for (const rules::PacketSubject &subject : packets)
      passed += rules.decide(subject, now).verdict == rules::Verdict::pass;
    rounds.push_back((seconds() - start) * 1e9);
  }
  std::sort(rounds.begin(), rounds.end());
  double of = static_cast<double>(packets.size());
  return {rounds[rounds.size() / 2] / of, static_cast<double>(passed) / of};
}

struct Figures {
  double seconds = 0, megabytes = 0, first_ns = 0, stranger_ns = 0, spoofed_ns = 0, passed = 0;
};

Figures measure(std::size_t count) {
  std::vector<rules::SourceFile> sources = {{"bench", policy_of(count)}};
  double start = seconds();
  rules::Compiled compiled = rules::compile(sources, now);
  Figures figures;
  figures.seconds = seconds() - start;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  figures.megabytes = static_cast<double>(usage.ru_maxrss) / 1024;
  if (!compiled.rules) {
    fmt::print(stderr, "{}", rules::render(compiled.diagnostics, sources, false));
    std::exit(1);
  }
  std::mt19937 random(1);
  std::vector<rules::PacketSubject> listed, strangers, spoofed;
  for (std::size_t k = 0; k < (1u << 18); ++k) {
    std::size_t i = random() % count;
    std::uint32_t source = 10u << 24 | static_cast<std::uint32_t>(
                                           i % 100 << 16 | i / 100 % 250 << 8 | (i / 25'000 + 2));
    std::uint32_t target =
        10u << 24 | static_cast<std::uint32_t>((128 + i * 7 % 100) << 16 | i / 100 % 250 << 8 | 9);
    listed.push_back(packet(source, target, static_cast<std::uint16_t>(1000 + i % 50'000)));
    auto other = static_cast<std::uint32_t>(random());
    strangers.push_back(packet(10u << 24 | (other & 0x7ffffe) | 2,
                               10u << 24 | 0x800000 | (other >> 9 & 0x7fff) << 8 | 77, 443));
    spoofed.push_back(packet(0xc0000000 | (other & 0xffffff), target, 443));
  }
  Asked first = ask(*compiled.rules, listed);
  figures.first_ns = first.ns;
  figures.passed = first.passed;
  figures.stranger_ns = ask(*compiled.rules, strangers).ns;
  figures.spoofed_ns = ask(*compiled.rules, spoofed).ns;
  return figures;
}

/// In a process of its own, so that the memory is that of these rules alone.
Figures measure_apart(std::size_t count) {
  int ends[2];
  if (pipe(ends) != 0) std::exit(1);
  pid_t child = fork();
  if (child == 0) {
    Figures figures = measure(count);
    bool sent = write(ends[1], &figures, sizeof figures) == sizeof figures;
    std::_Exit(sent ? 0 : 1);
  }
  Figures figures;
  int status = 0;
  close(ends[1]);
  bool good = read(ends[0], &figures, sizeof figures) == sizeof figures;
  close(ends[0]);
  waitpid(child, &status, 0);
  if (!good || status != 0) std::exit(1);
  return figures;
}

} // namespace

int main(int argc, char **argv) {
  bool json = false;
  std::vector<std::size_t> counts;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json")
      json = true;
    else
      counts.push_back(std::strtoul(argv[i], nullptr, 10));
  }
  if (counts.empty()) counts = {100, 1000, 10'000, 100'000};
  if (!json)
    fmt::print("{:>8} {:>10} {:>9} {:>12} {:>12} {:>12} {:>8}\n", "permits", "compile s", "peak MB",
               "listed ns", "stranger ns", "spoofed ns", "passed");
  bool is_first = true;
  for (std::size_t count : counts) {
    if (count == 0) continue;
    Figures f = measure_apart(count);
    if (json)
      fmt::print("{}{{\"permits\":{},\"compile_s\":{:.4f},\"peak_mb\":{:.1f},\"listed_ns\":{:.1f},"
                 "\"stranger_ns\":{:.1f},"
                 "\"spoofed_ns\":{:.1f},\"passed\":{:.3f}}}",
                 is_first ? "[" : ",\n ", count, f.seconds, f.megabytes, f.first_ns, f.stranger_ns,
                 f.spoofed_ns, f.passed);
    else
      fmt::print("{:>8} {:>10.3f} {:>9.1f} {:>12.1f} {:>12.1f} {:>12.1f} {:>7.0f}%\n", count,
                 f.seconds, f.megabytes, f.first_ns, f.stranger_ns, f.spoofed_ns, 100 * f.passed);
    std::fflush(stdout);
    is_first = false;
  }
  if (json) fmt::print("]\n");
}
