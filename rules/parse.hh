// Words to sentences (rules/grammar.ebnf).  Recursion is bounded by the grammar: blocks nest two
// deep.
#pragma once

#include "rules/ast.hh"
#include "rules/lex.hh"

#include <functional>

namespace sekisho::rules {

/// Adds the sentences of one file to `sentences`.  After an error it goes on at the next item or
/// sentence.  `each` gets the outline of a sentence as soon as it is read.
void parse(const Tokens &tokens, Sentences &sentences, Reporter &reporter,
           const std::function<void(Outline)> &each);

/// Words that cannot be names.
bool is_keyword(std::string_view word);
/// for, owner, approved, until
bool is_ledger_word(std::string_view word);
/// during, limit, log
bool is_condition_word(std::string_view word);

} // namespace sekisho::rules
