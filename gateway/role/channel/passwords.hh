// What stands in the password files that rules name, on its way from the supervisor to the relay.  It is in no rule
// file, rule set, hash, held rules or answer.
#pragma once

#include "base/result.hh"

#include <map>
#include <string>
#include <string_view>

namespace sekisho::role {

/// By the path that the rule names.
using Passwords = std::map<std::string, std::string>;

constexpr std::size_t max_password = 255; // octets

std::string encode_passwords(const Passwords &passwords);
/// An empty text: none.
Result<Passwords> decode_passwords(std::string_view untrusted);

} // namespace sekisho::role
