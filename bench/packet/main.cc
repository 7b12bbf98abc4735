// bench-packet: the packet path measured in this process, and beside peers (see bench/README.md).
//
//   bench-packet [--quick] [--json | --json-lines] [packet/NAME …]   figures
//   bench-packet --pcap FILE [--rules FILE] …            any capture in a loop
//   bench-packet export FOLDER RULES                     capture and rule files for the peers
//   bench-packet export-replay FOLDER RULES PACKETS      captures for sekisho replay
//   bench-packet read CAPTURE …                          libpcap alone
//   bench-packet blast INTERFACE MAC 0|1 RULES SECONDS   frames of either zone through a kernel
//   interface bench-packet serve-interfaces PORT PORT RULES        our path between two of them
//   bench-packet serve FOLDER RULES forward|both         our path on that capture, measured on
//   request
#include "bench/packet/capture.hh"
#include "bench/packet/figures.hh"
#include "bench/packet/loop.hh"
#include "bench/packet/veth.hh"

#include <fmt/format.h>

#include <malloc.h>

namespace sekisho::bench {
namespace {

/// As the path role does: memory given back to the kernel would interrupt the forwarding core.
void keep_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_ARENA_MAX, 1);
}

using Group = void (*)(Session &, port::Dpdk &);
constexpr std::pair<const char *, Group> groups[] = {
    {"packet/flows-*", measure_flows},   {"packet/stage-*", measure_stages},
    {"packet/rules-*", measure_rules},   {"packet/new-flows", measure_opening},
    {"packet/reload-*", measure_reload}, {"packet/two-cores", measure_cores},
    {"packet/*flood*", measure_flood},   {"packet/imix, …", measure_mixed}};

int measure(Session &session) {
  session.guard("packet/compile-100k", [&] { measure_compile(session); }); // before DPDK: it forks
  auto dpdk = port::Dpdk::start({"null:", "null:", "null:", "null:"},
                                {"-m", "128", "--in-memory", "--log-level=4"});
  if (!dpdk) {
    fmt::print(stderr, "bench-packet: {}\n", dpdk.error().what);
    return 1;
  }
  pin();
  for (const auto &[name, group] : groups)
    session.guard(name, [&] { group(session, **dpdk); });
  return session.finish();
}

int run(const std::vector<std::string> &words) {
  keep_memory();
  if (words.size() == 3 && words[0] == "export") return export_town(words[1], std::stoul(words[2]));
  if (words.size() == 4 && words[0] == "export-replay")
    return export_replay(words[1], std::stoul(words[2]), std::stoul(words[3]));
  if (words.size() > 1 && words[0] == "read") return read_captures(std::span(words).subspan(1));
  if (words.size() == 6 && words[0] == "blast")
    return blast({.interface = words[1],
                  .gateway = words[2],
                  .from = words[3] == "1" ? 1u : 0u,
                  .rules = std::stoul(words[4]),
                  .seconds = std::stod(words[5])});
  if (words.size() == 4 && words[0] == "serve-interfaces")
    return serve_interfaces(words[1], words[2], std::stoul(words[3]));
  if (words.size() == 4 && words[0] == "serve")
    return serve_capture(words[1], std::stoul(words[2]), words[3] == "both");
  bool quick = false;
  Output output = Output::table;
  LoopOptions loop;
  std::vector<std::string> wanted;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string &word = words[i];
    if (word == "--pcap" && i + 1 < words.size())
      loop.capture = words[++i];
    else if (word == "--rules" && i + 1 < words.size())
      loop.rules = words[++i];
    else if (word == "--quick")
      quick = true;
    else if (word == "--json" || word == "--json-lines")
      output = word == "--json" ? Output::object : Output::lines;
    else if (word.starts_with("packet/"))
      wanted.push_back(word);
    else {
      fmt::print(
          stderr,
          "usage: bench-packet [--quick] [--json] [--pcap FILE [--rules FILE] | packet/NAME …]\n");
      return 2;
    }
  }
  Session session(quick, output, wanted);
  if (loop.capture.empty()) return measure(session);
  pin();
  session.guard("packet/pcap", [&] { measure_capture(session, loop); });
  return session.finish();
}

} // namespace
} // namespace sekisho::bench

int main(int argc, char **argv) {
  return sekisho::bench::run({argv + 1, argv + argc});
}
