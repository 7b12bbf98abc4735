// Text to decision: lex → parse → check → compile.  No I/O.
#pragma once

#include "rules/diagnostic.hh"
#include "rules/ruleset.hh"

namespace sekisho::rules {

struct Compiled {
  std::shared_ptr<const RuleSet>
      rules; // null when any diagnostic is an error: no rules, nothing passes
  std::vector<Diagnostic> diagnostics;
};

/// The files together are one policy; names are shared between them.  Notes that the rules name
/// (rules/notes.hh) are among them.
Compiled compile(std::span<const SourceFile> sources, UnixSeconds now);

/// The one canonical text of a file (`sekisho fmt`), comments kept.  Empty when the file has
/// errors: then `diagnostics` says which.
std::string format(const SourceFile &source, std::vector<Diagnostic> &diagnostics);

/// Why this packet gets this verdict, a few lines of plain words (`sekisho explain`).  `question`
/// as in "tcp from mynumber 10.1.0.11:40000 mac 02:00:5e:10:00:01 to lgwan 10.2.0.40:443".
struct Explanation {
  bool understood = false;
  Decision decision;
  std::string text; // or what could not be understood, with a caret
};
Explanation explain(const RuleSet &rules, std::string_view question, UnixSeconds now);

} // namespace sekisho::rules
