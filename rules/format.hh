// The one canonical text of a file.
#pragma once

#include "rules/ast.hh"
#include "rules/lex.hh"

namespace sekisho::rules {

constexpr std::size_t canonical_width = 100; // cells of a line, where it can be broken

/// Only for sentences that were parsed without errors.  With their comments, and the blank lines
/// between them, where those are kept.
std::string canonical_text(const Tokens &tokens, const std::vector<Outline> &outlines,
                           Comments comments);

} // namespace sekisho::rules
