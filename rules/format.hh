// The one canonical text of a file.
#pragma once

#include "rules/ast.hh"
#include "rules/lex.hh"

namespace sekisho::rules {

constexpr std::size_t canonical_width = 100; // cells of a line, where it can be broken
enum class Comments : bool { dropped, kept };

/// Only for a file that was parsed without errors.
std::string canonical_text(const Lexed &lexed, const std::vector<Outline> &outlines,
                           Comments comments);

} // namespace sekisho::rules
