#include "gateway/role/options.hh"

#include "gateway/evidence/segments.hh"

#include <CLI/CLI.hpp>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace sekisho::role {
namespace {

/// "RELAY=127.0.0.1:2525"; false when it is not of that shape.
bool add_listen(const std::string &text, std::map<std::string, ListenAt> &listen) {
  std::size_t equals = text.find('='), colon = text.rfind(':');
  if (equals == std::string::npos || colon == std::string::npos || colon < equals) return false;
  char *end = nullptr;
  unsigned long port = std::strtoul(text.c_str() + colon + 1, &end, 10);
  if (*end != '\0' || port == 0 || port > 65535) return false;
  std::string address = text.substr(equals + 1, colon - equals - 1);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2); // as IPv6 is written
  listen[text.substr(0, equals)] = {std::move(address), static_cast<std::uint16_t>(port)};
  return true;
}

std::vector<std::string> split(const std::string &text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// "2,3" or "2-5,8" as processors; false when it is not of that shape.
bool read_processors(const std::string &text, std::vector<unsigned> &processors) {
  constexpr unsigned long most = 4095;
  std::istringstream list(text);
  for (std::string word; std::getline(list, word, ',');) {
    const char *at = word.c_str();
    if (!std::isdigit(static_cast<unsigned char>(*at))) return false;
    char *end = nullptr;
    unsigned long first = std::strtoul(at, &end, 10), last = first;
    if (*end == '-' && std::isdigit(static_cast<unsigned char>(end[1])))
      last = std::strtoul(end + 1, &end, 10);
    if (*end != '\0' || first > last || last > most) return false;
    for (unsigned long number = first; number <= last; ++number)
      processors.push_back(static_cast<unsigned>(number));
  }
  return !processors.empty();
}

constexpr const char *footer =
    "Starts as root; its roles run as the users sekisho-path, sekisho-relay, sekisho-sanitizer, sekisho-office,\n"
    "sekisho-record, sekisho-control and sekisho-scan. SIGTERM ends it in order, SIGHUP reads the rules again.\n\n"
    "Examples:\n"
    "  sekishod --rules /etc/sekisho/three-zones.rules\n"
    "  sekishod --rules town.rules --without-packets --listen inbound=127.0.0.1:2525";

std::string check_evidence_size(const std::string &text) {
  bool is_digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  if (is_digits && (text == "0" || std::strtoull(text.c_str(), nullptr, 10) >= evidence::least_size)) return "";
  return "at least 1M, or 0 for none";
}

} // namespace

Parsed parse_options(int argc, char **argv) {
  Parsed parsed;
  Options &options = parsed.options;
  CLI::App app("The gateway: keeps zones apart and lets through what the rules list.", "sekishod");
  app.set_version_flag("--version", "sekishod " SEKISHO_VERSION);
  app.footer(footer);
  bool without_packets = false, without_mail = false;
  std::string eal, cores;
  std::vector<std::string> listen;
  app.add_option("--rules", options.rule_files, "rule files; together they are one policy")->required();
  app.add_option("--state", options.state_folder, "spool, hold, record, severed zones")->capture_default_str();
  app.add_option("--run", options.run_folder, "the local socket")->capture_default_str();
  app.add_flag("--without-packets", without_packets, "mail only: the kernel's own network, no DPDK");
  app.add_flag("--without-mail", without_mail, "packets only: no relay, no sanitizer");
  app.add_option("--cores", cores,
                 "processors of the forwarding cores, as 2,3 or 2-5 (default: one, anywhere)");
  app.add_option("--flows", options.flows, "connections at once, at the most")
      ->check(CLI::Range(std::size_t{1024}, std::size_t{1} << 28))
      ->capture_default_str();
  app.add_option("--eal", eal, "arguments for DPDK, blank-separated, as \"--no-pci --in-memory\"");
  app.add_option("--evidence-size", options.evidence_size,
                 "how much of refused packets is kept, as 64M; 0: none")
      ->transform(CLI::AsSizeValue(false))
      ->check(check_evidence_size)
      ->default_str("64M");
  app.add_option("--listen", listen, "RELAY=ADDRESS:PORT: where this relay listens instead");
  app.add_option("--user-prefix", options.user_prefix, "of the roles' users")->capture_default_str();
  app.add_option("--sanitizer", options.sanitizer, "path of sekisho-sanitizer");
  app.add_option("--office", options.office, "path of sekisho-office");
  app.add_option("--spool-key", options.spool_key,
                 "file with the key of spool and hold (default: spool.key of the state folder, made at the first start)");
  app.add_option("--host-name", options.host_name, "in the SMTP greeting (default: the machine's)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    parsed.exit_status = app.exit(error) == 0 ? 0 : 2;
    return parsed;
  }
  options.packets = !without_packets;
  options.mail = !without_mail;
  options.eal_arguments = split(eal);
  if (!cores.empty() && !read_processors(cores, options.processors)) {
    std::fprintf(stderr, "sekishod: --cores wants numbers, as 2,3 or 2-5, not %s\n", cores.c_str());
    parsed.exit_status = 2;
    return parsed;
  }
  for (const std::string &text : listen)
    if (!add_listen(text, options.listen)) {
      std::fprintf(stderr, "sekishod: --listen wants RELAY=ADDRESS:PORT, not %s\n", text.c_str());
      parsed.exit_status = 2;
      return parsed;
    }
  parsed.run = true;
  return parsed;
}

} // namespace sekisho::role
