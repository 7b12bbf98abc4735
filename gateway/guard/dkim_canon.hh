// The two canonical forms of RFC 6376 §3.4, hashed as they are made.
#pragma once

#include "gateway/guard/message.hh"

#include <memory>
#include <string>

namespace sekisho::guard {

/// One field as it is signed, with its line end.
std::string canonical_field(const Field &field, bool relaxed);

/// SHA-256 of the body, 32 octets; `most`: only so many octets of its canonical form (l=).  `length` gets how
/// many there are in all.
std::string hash_body(std::string_view body, bool relaxed, std::uint64_t most, std::uint64_t &length);

/// The fields of `names` in their order, each name's instances from the last to the first (§5.4.2), then the
/// signature's own field with an empty b=, without its line end.
std::string signed_header(const Message &message, const std::vector<std::string> &names, const Field &signature,
                          bool relaxed);

/// SHA-256, 32 octets.
std::string sha256(std::string_view octets);

} // namespace sekisho::guard
