#include "gateway/role/policy.hh"

#include "gateway/role/channel/sources.hh"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace sekisho::role {
namespace {

Result<rules::SourceFile> read_source(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("cannot read " + path + ": " + std::strerror(errno));
  std::string text(max_sources + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail("cannot read " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_sources) return fail(path + " is above 16 MiB");
  return rules::SourceFile{path, std::move(text)};
}

} // namespace

Result<Policy> load_policy(const std::vector<std::string> &files, UnixSeconds now) {
  Policy policy;
  for (const std::string &path : files) {
    Result<rules::SourceFile> source = read_source(path);
    if (!source) return fail(source.error());
    policy.sources.push_back(std::move(*source));
  }
  rules::Compiled compiled = rules::compile(policy.sources, now);
  std::string rendered = rules::render(compiled.diagnostics, policy.sources, /*colour=*/false);
  if (!compiled.rules) return fail(rendered);
  policy.rules = std::move(compiled.rules);
  policy.warnings = std::move(rendered);
  return policy;
}

std::string standing_parts(const rules::RuleSet &rules) {
  std::string text;
  for (const rules::Zone &zone : rules.zones())
    text += fmt::format("zone {} port {} address {}\n", zone.name, zone.port,
                        zone.address ? to_string(*zone.address) : "none");
  for (const rules::Relay &relay : rules.relays())
    text += fmt::format("relay {} from {} port {}\n", relay.name, relay.from, relay.listen_port);
  return text;
}

} // namespace sekisho::role
