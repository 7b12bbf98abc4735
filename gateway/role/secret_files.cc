#include "gateway/role/secret_files.hh"

#include "gateway/role/channel/secrets.hh"
#include "gateway/tls/server.hh"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace sekisho::role {
namespace {

constexpr std::size_t max_password = 255; // octets

Result<void> read_into(Secrets &secrets, const std::string &path, Readers readers) {
  if (path.empty()) return {};
  Result<std::string> content = read_secret(path, readers); // also where it is there: another reader may ask for more
  if (!content) return fail(content.error().what + "\n");
  secrets[path] = std::move(*content);
  return {};
}

/// A relay's certificate, its key and the issuers of its clients must go together.
Result<void> look_at(const rules::Relay &relay, const Secrets &secrets) {
  const auto file = [&](const std::string &path) {
    return tls::PemFile{path, path.empty() ? std::string_view() : std::string_view(secrets.at(path))};
  };
  const tls::ServerFiles files{file(relay.door.certificate), file(relay.door.key), file(relay.door.client_ca)};
  const auto context = tls::make_server_context(files);
  if (!context) return fail("relay " + relay.name + ": " + context.error().what + "\n");
  return {};
}

Result<void> read_door(const rules::Relay &relay, Secrets &secrets) {
  if (relay.door.tls == rules::DoorTls::off) return {};
  TRY(read_into(secrets, relay.door.certificate, Readers::any));
  TRY(read_into(secrets, relay.door.key, Readers::few));
  TRY(read_into(secrets, relay.door.client_ca, Readers::any));
  return look_at(relay, secrets);
}

/// Of the file only its line is kept.
Result<void> read_password(const std::string &path, Secrets &secrets) {
  if (path.empty()) return {};
  Secrets file;
  TRY(read_into(file, path, Readers::owner));
  std::string &line = file[path];
  if (line.ends_with('\n')) line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  const bool proper = !line.empty() && line.size() <= max_password && std::ranges::none_of(line, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (proper) secrets[path] = line;
  wipe(file);
  if (!proper) return fail(fmt::format("{}: a password's file holds one line of 1 to {} octets\n", path, max_password));
  return {};
}

Result<void> read_all(const rules::RuleSet &rules, Secrets &secrets) {
  for (const rules::Relay &relay : rules.relays()) {
    TRY(read_door(relay, secrets));
    TRY(read_password(relay.routes.password_file, secrets));
    if (relay.guard.signing) (void)read_into(secrets, relay.guard.signing->key_file, Readers::owner);
  }
  return {};
}

std::vector<std::string> secret_files(const rules::Relay &relay) {
  std::vector<std::string> paths = {relay.door.certificate, relay.door.key, relay.door.client_ca,
                                    relay.routes.password_file};
  if (relay.guard.signing) paths.push_back(relay.guard.signing->key_file);
  std::erase(paths, "");
  return paths;
}

} // namespace

Result<UniqueFd> read_secret_files(const rules::RuleSet &rules) {
  Secrets secrets;
  const Result<void> read = read_all(rules, secrets);
  Result<UniqueFd> memfd = read ? secrets_memfd(secrets) : fail(read.error());
  wipe(secrets);
  return memfd;
}

Result<void> names_nothing_new(const rules::RuleSet &rules, const rules::RuleSet &in_force) {
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

} // namespace sekisho::role
