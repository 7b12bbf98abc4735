// Small things done to the text of a mail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sekisho::rebuild {

/// Characters that are no white space; no more than `most` are counted.
std::size_t visible_characters(std::string_view utf8, std::size_t most);
std::size_t count_characters(std::string_view utf8);
/// So many characters at most.
std::string_view beginning_of(std::string_view utf8, std::size_t characters);
/// Each line behind "> ".
std::string quoted(std::string_view text);
/// Whether a line begins as lines of another mail do that are quoted otherwise than by '>': behind a stroke, an arrow or
/// four columns of blanks.
bool has_quote_mark(std::string_view line);
/// Whether a line is one under which programs put the mail that is answered or sent on; `behind` is what follows it.
bool begins_quoted_mail(std::string_view line, std::string_view behind);
/// At most `octets`, cut between characters.
std::string cut_to(std::string utf8, std::size_t octets);
/// Whether a message in PGP's armour stands in it, and not only its words (RFC 4880 §6.2).
bool holds_pgp_message(std::string_view text);
/// Keeps a clear-signed text and drops the armour around it; false when there is none.  RFC 4880
/// §7.
bool take_pgp_signature(std::string &text);

} // namespace sekisho::rebuild
