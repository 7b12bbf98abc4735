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

/// The files of a relay that only the relay role may know, where the rules name them; of what it does not name, or not by a whole path,
/// the path is empty.
struct SecretFile {
  std::string path;
  Place place;
};
struct SecretFiles {
  SecretFile certificate, key, client_ca; // of its door
  SecretFile password, signing_key;       // of its next hops, of DKIM
};
std::vector<SecretFiles> secret_files(std::span<const SourceFile> sources);

/// What is wrong with the words in this file alone.
std::vector<Diagnostic> note_diagnostics(const SourceFile &source);

} // namespace sekisho::rules
