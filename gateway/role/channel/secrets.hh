// Files that rules name and that only one role may know: keys, certificates, passwords.  The supervisor reads them as root
// and hands them over in a memfd of their own; they are in no rule source, no record, no held rules.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"
#include "base/unique_fd.hh"
#include "gateway/role/channel/sources.hh"

#include <map>
#include <string>

namespace sekisho::role {

constexpr std::size_t max_secret = 1u << 20;   // octets of one file
constexpr std::size_t max_secrets = 16u << 20; // of all of them

/// Contents by path, as the rules name it.
using Secrets = std::map<std::string, std::string>;

/// Overwrites what it holds before it lets go: the supervisor's memory is inherited by every role it forks.
void wipe(std::string &text);
void wipe(Secrets &secrets);

enum class Readers : std::uint8_t {
  any,
  few,   // a key that everybody may read is none
  owner, // of ours, no link, and nobody else's to read
};
/// Reads a plain file.  Errors name the path, never what is in it.
Result<std::string> read_secret(const std::string &path, Readers readers);

/// A sealed memfd; of none too.
Result<UniqueFd> secrets_memfd(const Secrets &secrets);
Result<Secrets> read_secrets(int memfd);

/// What the relay gets with the message `rules`: the sources and, from their memfd, the secrets.
Result<UniqueFd> rules_with_secrets_memfd(std::span<const rules::SourceFile> sources, int secrets);
struct RulesWithSecrets {
  std::vector<rules::SourceFile> sources;
  Secrets secrets;
};
Result<RulesWithSecrets> read_rules_with_secrets(int memfd);

} // namespace sekisho::role
