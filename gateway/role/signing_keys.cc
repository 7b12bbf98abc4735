#include "gateway/role/signing_keys.hh"

#include "gateway/guard/dkim.hh"
#include "gateway/role/channel/secrets.hh"
#include "rules/notes.hh"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>

namespace sekisho::role {
namespace {

Result<void> look_at(const std::string &path) {
  Result<std::string> content = read_secret(path, Readers::owner);
  if (!content) return fail(content.error());
  const Result<guard::Key> key = guard::read_private_key(*content);
  wipe(*content);
  if (!key) return fail(path + ": " + key.error().what);
  return {};
}

} // namespace

std::vector<rules::Diagnostic> unusable_signing_keys(std::span<const rules::SourceFile> sources) {
  std::vector<rules::Diagnostic> found;
  for (const rules::SigningKey &key : rules::signing_keys(sources)) {
    const Result<void> looked = look_at(key.path);
    if (looked) continue;
    rules::Diagnostic diagnostic;
    diagnostic.level = rules::Diagnostic::Level::warning;
    diagnostic.place = key.place;
    diagnostic.message = "nothing can be signed: " + looked.error().what;
    diagnostic.help = "mail of this relay would wait until it can be used";
    if (::access(key.path.c_str(), F_OK) != 0 && errno == ENOENT) // else it would be written over
      diagnostic.help += fmt::format("; to make one:  openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out {0} && chmod 600 {0}", key.path);
    found.push_back(std::move(diagnostic));
  }
  return found;
}

} // namespace sekisho::role
