// The files that rules name and that are read with them (rules/notes.hh), for the daemon and for every command that reads rules.
#pragma once

#include "rules/diagnostic.hh"

#include <vector>

namespace sekisho::role {

/// Behind the rule files, each once.  What cannot be read stands there too, with why: the compiler says it where the rules name it.
void add_notes(std::vector<rules::SourceFile> &sources);

} // namespace sekisho::role
