// Files that rules name and that are read with them: the words of a relay's note, lists of domains, the certificates of an authority
// that its next hops are believed by.  Reading is up to the caller; here there is no I/O.
#pragma once

#include "rules/diagnostic.hh"

#include <string>
#include <string_view>
#include <vector>

namespace sekisho::rules {

constexpr std::size_t max_note_octets = 1u << 20; // of a file that is read at all; the words have less

/// The paths after `note` and `authority` and in `refuse`, whole ones only, each once.  Whoever calls reads them and puts them behind
/// the rule files as sources with `is_note`.
std::vector<std::string> notes_named(std::span<const SourceFile> sources);

/// Where rules name the key of a DKIM signature; whole paths only.
struct SigningKey {
  std::string path;
  Place place;
};
std::vector<SigningKey> signing_keys(std::span<const SourceFile> sources);

/// What is wrong with the words in this file alone.
std::vector<Diagnostic> note_diagnostics(const SourceFile &source);

} // namespace sekisho::rules
