// Whose mail: "*@town.example.lg.jp", one address, or "*" for anybody.
#pragma once

#include <string_view>

namespace sekisho::rules {

/// Lower case.  "*" is none of these: it has conditions of its own (M1).
bool is_mail_pattern(std::string_view text);
/// "town.example.lg.jp", lower case.
bool is_mail_domain(std::string_view text);

/// How closely a pattern names an address, both lower case: 3 the address, 2 its domain, 1 as anybody, 0 not.  A local
/// part that carries a second address (user%other@…, other!user@…) is in no pattern but its own: a mail server behind the
/// gateway may take it apart and send it on (M1).
int closeness(std::string_view pattern, std::string_view address);

} // namespace sekisho::rules
