// Words to sentences (rules/grammar.ebnf).  Recursion is bounded by the grammar: blocks nest two
// deep.
#pragma once

#include "rules/ast.hh"
#include "rules/lex.hh"

namespace sekisho::rules {

/// Adds the sentences of one file to `sentences`.  After an error it goes on at the next item or
/// sentence.
std::vector<Outline> parse(const Lexed &lexed, Sentences &sentences, Reporter &reporter);

/// Words that cannot be names.
bool is_keyword(std::string_view word);
/// for, owner, approved, until
bool is_ledger_word(std::string_view word);

} // namespace sekisho::rules
