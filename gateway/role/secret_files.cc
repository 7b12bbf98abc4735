#include "gateway/role/secret_files.hh"

#include "gateway/guard/dkim.hh"
#include "gateway/tls/server.hh"
#include "rules/notes.hh"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include <unistd.h>

namespace sekisho::role {
namespace {

using Level = rules::Diagnostic::Level;
using rules::SecretFile;

constexpr std::size_t max_password = 255; // octets

constexpr const char *certificate_is = "it holds the certificate in PEM, the server's own first, then those that lead to its issuer";
constexpr const char *key_is = "it holds the certificate's private key in PEM, without a passphrase";
constexpr const char *client_ca_is = "it holds the certificates in PEM of those who issue the clients'";
constexpr const char *password_is = "it holds one line, the password; only root may read it";

rules::Diagnostic about(const SecretFile &file, std::string what, std::string help, Level level = Level::error) {
  rules::Diagnostic diagnostic;
  diagnostic.level = level;
  diagnostic.place = file.place;
  diagnostic.message = std::move(what);
  diagnostic.help = std::move(help);
  return diagnostic;
}

/// False: told in `read.found`.
bool read_into(ReadSecrets &read, const SecretFile &file, Readers readers, const char *help) {
  if (file.path.empty()) return true;
  Result<std::string> content = read_secret(file.path, readers); // also where it is there: another reader may ask for more
  if (content) read.secrets[file.path] = std::move(*content);
  else read.found.push_back(about(file, content.error().what, help));
  return content.has_value();
}

/// A relay's certificate, its key and the issuers of its clients must go together.
void read_door(const rules::SecretFiles &files, ReadSecrets &read) {
  if (files.certificate.path.empty() || files.key.path.empty()) return;
  const bool has_certificate = read_into(read, files.certificate, Readers::any, certificate_is);
  const bool has_key = read_into(read, files.key, Readers::few, key_is);
  const bool has_issuers = read_into(read, files.client_ca, Readers::any, client_ca_is);
  if (!has_certificate || !has_key || !has_issuers) return;
  const auto pem = [&](const SecretFile &file) {
    return tls::PemFile{file.path, file.path.empty() ? std::string_view() : std::string_view(read.secrets.at(file.path))};
  };
  const auto context = tls::make_server_context({pem(files.certificate), pem(files.key), pem(files.client_ca)});
  if (context) return;
  const std::string &what = context.error().what; // names the file first
  const auto is_of = [&](const SecretFile &file) { return !file.path.empty() && what.starts_with(file.path + ": "); };
  if (is_of(files.key)) read.found.push_back(about(files.key, what, key_is));
  else if (is_of(files.client_ca)) read.found.push_back(about(files.client_ca, what, client_ca_is));
  else read.found.push_back(about(files.certificate, what, certificate_is));
}

/// Of the file only its line is kept.
void read_password(const SecretFile &file, ReadSecrets &read) {
  if (file.path.empty()) return;
  ReadSecrets alone;
  if (!read_into(alone, file, Readers::owner, password_is)) {
    read.found.push_back(std::move(alone.found.front()));
    return;
  }
  std::string &line = alone.secrets[file.path];
  if (line.ends_with('\n')) line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  const bool is_proper = !line.empty() && line.size() <= max_password && std::ranges::none_of(line, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (is_proper) read.secrets[file.path] = line;
  else read.found.push_back(about(file, fmt::format("{}: a password's file holds one line of 1 to {} octets", file.path, max_password), password_is));
  wipe(alone.secrets);
}

void read_signing_key(const SecretFile &file, ReadSecrets &read) {
  if (file.path.empty()) return;
  Result<std::string> content = read_secret(file.path, Readers::owner);
  std::string trouble = content ? "" : content.error().what;
  if (content)
    if (const Result<guard::Key> key = guard::read_private_key(*content); !key) trouble = file.path + ": " + key.error().what;
  if (trouble.empty()) {
    read.secrets[file.path] = std::move(*content);
    return;
  }
  if (content) wipe(*content);
  std::string help = "mail of this relay would wait until it can be used";
  if (::access(file.path.c_str(), F_OK) != 0 && errno == ENOENT) // else it would be written over
    help += fmt::format("; to make one:  openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out {0} && chmod 600 {0}", file.path);
  read.found.push_back(about(file, "nothing can be signed: " + trouble, std::move(help), Level::warning));
}

std::vector<std::string> paths_of(const rules::Relay &relay) {
  std::vector<std::string> paths = {relay.door.certificate, relay.door.key, relay.door.client_ca, relay.routes.password_file};
  if (relay.guard.signing) paths.push_back(relay.guard.signing->key_file);
  return paths;
}

} // namespace

ReadSecrets read_secret_files(std::span<const rules::SourceFile> sources) {
  ReadSecrets read;
  for (const rules::SecretFiles &files : rules::secret_files(sources)) {
    read_door(files, read);
    read_password(files.password, read);
    read_signing_key(files.signing_key, read);
  }
  return read;
}

std::vector<rules::Diagnostic> unusable_secret_files(std::span<const rules::SourceFile> sources) {
  ReadSecrets read = read_secret_files(sources);
  wipe(read.secrets);
  for (rules::Diagnostic &diagnostic : read.found) diagnostic.level = Level::warning;
  return std::move(read.found);
}

std::vector<rules::Diagnostic> newly_named_files(std::span<const rules::SourceFile> sources, const rules::RuleSet &in_force) {
  std::set<std::string> known = {""};
  for (const rules::Relay &relay : in_force.relays())
    for (std::string &path : paths_of(relay)) known.insert(std::move(path));
  std::vector<rules::Diagnostic> found;
  for (const rules::SecretFiles &files : rules::secret_files(sources))
    for (const SecretFile *file : {&files.certificate, &files.key, &files.client_ca, &files.password, &files.signing_key})
      if (!known.contains(file->path))
        found.push_back(about(*file, file->path + " is not read for rules that are sent", "name it in the rule files, then  sekisho reload"));
  return found;
}

} // namespace sekisho::role
