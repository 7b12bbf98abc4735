#include "gateway/role/policy.hh"

#include "gateway/role/channel/secrets.hh"
#include "gateway/role/channel/sources.hh"
#include "gateway/tls/server.hh"
#include "rules/changes.hh"
#include "rules/notes.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

namespace sekisho::role {
namespace {

Result<rules::SourceFile> read_source(const std::string &path, std::size_t limit = max_sources) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail("cannot read " + path + ": " + std::strerror(errno));
  std::string text(limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail("cannot read " + path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > limit) return fail(fmt::format("{} is above {} MiB", path, limit >> 20));
  return rules::SourceFile{path, std::move(text)};
}

Result<void> read_into(Secrets &secrets, const std::string &path, Readers readers) {
  if (path.empty() || secrets.contains(path)) return {};
  Result<std::string> content = read_secret(path, readers);
  if (!content) return fail(content.error());
  secrets.emplace(path, std::move(*content));
  return {};
}

/// A relay's certificate, its key and the issuers of its clients must go together.
Result<void> look_at(const rules::Relay &relay, const Secrets &secrets, std::string &warnings) {
  const auto file = [&](const std::string &path) {
    return tls::PemFile{path, path.empty() ? std::string_view() : std::string_view(secrets.at(path))};
  };
  const tls::ServerFiles files{file(relay.door.certificate), file(relay.door.key), file(relay.door.client_ca)};
  Result<tls::ServerContext> context = tls::make_server_context(files);
  if (!context) return fail("relay " + relay.name + ": " + context.error().what + "\n");
  for (const std::string &warning : context->warnings) warnings += "warning: relay " + relay.name + ": " + warning + "\n";
  return {};
}

/// Files of a relay that only the relay role may know.
std::vector<std::string> secret_files(const rules::Relay &relay) {
  std::vector<std::string> paths = {relay.door.certificate, relay.door.key, relay.door.client_ca};
  if (relay.guard.signing) paths.push_back(relay.guard.signing->key_file);
  std::erase(paths, "");
  return paths;
}

Result<void> nothing_new(const rules::RuleSet &rules, const rules::RuleSet &in_force) {
  std::set<std::string> known;
  for (const rules::Relay &relay : in_force.relays())
    for (std::string &path : secret_files(relay)) known.insert(std::move(path));
  for (const rules::Relay &relay : rules.relays())
    for (const std::string &path : secret_files(relay))
      if (!known.contains(path))
        return fail("relay " + relay.name + ": " + path + " is not read for rules that are sent: name it in the rule files, "
                    "then  sekisho reload\n");
  return {};
}

Result<void> read_secrets_of(const rules::Relay &relay, Secrets &secrets, std::string &warnings) {
  if (relay.door.tls == rules::DoorTls::off) return {};
  TRY(read_into(secrets, relay.door.certificate, Readers::any));
  TRY(read_into(secrets, relay.door.key, Readers::few));
  TRY(read_into(secrets, relay.door.client_ca, Readers::any));
  return look_at(relay, secrets, warnings);
}

Result<void> read_secrets_of(Policy &policy) {
  Secrets secrets;
  Result<void> read;
  for (const rules::Relay &relay : policy.rules->relays())
    if (read) read = read_secrets_of(relay, secrets, policy.warnings);
  Result<UniqueFd> memfd = read ? secrets_memfd(secrets) : fail(read.error());
  wipe(secrets);
  if (!memfd) return fail(memfd.error());
  policy.secrets = std::make_shared<const UniqueFd>(std::move(*memfd));
  return {};
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
  for (const std::string &path : rules::notes_named(sources)) {
    Result<rules::SourceFile> note = read_source(path, rules::max_note_octets);
    if (!note) return fail(note.error());
    note->is_note = true;
    sources.push_back(std::move(*note));
  }
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
  if (in_force) TRY(nothing_new(*policy.rules, *in_force));
  TRY(read_secrets_of(policy));
  return policy;
}

Result<Policy> load_policy(const std::vector<std::string> &files, UnixSeconds now) {
  Result<std::vector<rules::SourceFile>> sources = read_rule_files(files);
  if (!sources) return fail(sources.error());
  Result<Policy> policy = compile_policy(std::move(*sources), now);
  if (policy) TRY(read_passwords(*policy));
  return policy;
}

bool have_same_text(const std::vector<rules::SourceFile> &one, const std::vector<rules::SourceFile> &other) {
  return std::ranges::equal(one, other, {}, &rules::SourceFile::text, &rules::SourceFile::text);
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
