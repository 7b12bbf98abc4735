#include "gateway/role/policy.hh"

#include "gateway/role/channel/sources.hh"
#include "gateway/role/note_files.hh"
#include "gateway/role/secret_files.hh"
#include "rules/changes.hh"

#include <fmt/format.h>

#include <algorithm>
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
  if (text.size() > max_sources) return fail(fmt::format("{} is above {} MiB", path, max_sources >> 20));
  return rules::SourceFile{path, std::move(text)};
}

/// Every line of a sentence with the sign in front.
std::string signed_lines(std::string_view sentence, std::string_view sign) {
  std::string text(sign);
  for (char c : sentence) {
    text += c;
    if (c == '\n') text += sign;
  }
  text += '\n';
  return text;
}

} // namespace

Result<std::vector<rules::SourceFile>> read_rule_files(const std::vector<std::string> &files) {
  std::vector<rules::SourceFile> sources;
  for (const std::string &path : files) {
    Result<rules::SourceFile> source = read_source(path);
    if (!source) return fail(source.error());
    sources.push_back(std::move(*source));
  }
  add_notes(sources);
  return sources;
}

Result<Policy> compile_policy(std::vector<rules::SourceFile> sources, UnixSeconds now, const rules::RuleSet *in_force) {
  Policy policy;
  policy.sources = std::move(sources);
  rules::Compiled compiled = rules::compile(policy.sources, now);
  std::string rendered = rules::render(compiled.diagnostics, policy.sources, /*colour=*/false);
  if (!compiled.rules) return fail(rendered);
  policy.rules = std::move(compiled.rules);
  policy.warnings = std::move(rendered);
  if (in_force)
    if (const auto found = newly_named_files(policy.sources, *in_force); !found.empty()) return fail(rules::render(found, policy.sources, false));
  ReadSecrets read = read_secret_files(policy.sources);
  Result<UniqueFd> secrets = secrets_memfd(read.secrets);
  wipe(read.secrets);
  if (std::ranges::count(read.found, rules::Diagnostic::Level::error, &rules::Diagnostic::level) > 0)
    return fail(rules::render(read.found, policy.sources, /*colour=*/false));
  policy.warnings += rules::render(read.found, policy.sources, /*colour=*/false);
  for (rules::Diagnostic &diagnostic : read.found) diagnostic.level = rules::Diagnostic::Level::error;
  policy.unusable = rules::render(read.found, policy.sources, /*colour=*/false);
  if (!secrets) return fail(secrets.error());
  policy.secrets = std::make_shared<const UniqueFd>(std::move(*secrets));
  return policy;
}

Result<Policy> load_policy(const std::vector<std::string> &files, UnixSeconds now) {
  Result<std::vector<rules::SourceFile>> sources = read_rule_files(files);
  if (!sources) return fail(sources.error());
  return compile_policy(std::move(*sources), now);
}

bool have_same_text(const std::vector<rules::SourceFile> &one, const std::vector<rules::SourceFile> &other) {
  return std::ranges::equal(one, other, [](const rules::SourceFile &a, const rules::SourceFile &b) {
    return a.text == b.text && a.unread.empty() && b.unread.empty();
  });
}

ChangeText change_text(const Policy &former, const Policy &next, std::size_t limit) {
  rules::Changes changes = rules::changes(former.sources, next.sources);
  ChangeText text{changes.added.size(), changes.removed.size(), {}};
  std::size_t left_off = 0;
  auto list = [&](const std::vector<rules::SentenceText> &sentences, std::string_view sign) {
    for (const rules::SentenceText &sentence : sentences) {
      if (text.lines.size() + sentence.text.size() * 2 > limit) ++left_off;
      else text.lines += signed_lines(sentence.text, sign);
    }
  };
  list(changes.removed, "- ");
  list(changes.added, "+ ");
  if (left_off > 0) text.lines += fmt::format("  … and {} more\n", left_off);
  return text;
}

std::string standing_parts(const rules::RuleSet &rules) {
  std::string text;
  for (const rules::Zone &zone : rules.zones())
    text += fmt::format("zone {} port {} vlan {}.{} mtu {} address {}\n", zone.name, zone.port,
                        zone.vlan.outer, zone.vlan.inner, zone.mtu,
                        zone.address ? to_string(*zone.address) : "none");
  for (const rules::Relay &relay : rules.relays())
    text += fmt::format("relay {} from {} port {}\n", relay.name, relay.from, relay.listen_port);
  return text;
}

} // namespace sekisho::role
