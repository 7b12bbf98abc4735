// Keys of DKIM signatures that rules name: whether they can be used, before the rules are in force.
#pragma once

#include "rules/diagnostic.hh"

namespace sekisho::role {

/// What is wrong with them, where the rules name them; a warning each.  Looked at with the rights of whoever asks.
std::vector<rules::Diagnostic> unusable_signing_keys(std::span<const rules::SourceFile> sources);

} // namespace sekisho::role
