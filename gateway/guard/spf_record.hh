// An SPF record read into its terms; nothing is asked.
#pragma once

#include "base/address.hh"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sekisho::guard {

struct SpfTerm {
  enum class What : std::uint8_t { all, include, a, mx, ptr, ip4, ip6, exists };
  What what = What::all;
  char qualifier = '+';
  std::string domain_spec; // macros not expanded; empty: the current domain
  std::uint8_t prefix4 = 32, prefix6 = 128;
  Ip network; // of ip4 and ip6
};

struct SpfRecord {
  std::vector<SpfTerm> terms;
  std::optional<std::string> redirect; // domain-spec
};

/// Behind "v=spf1".  Nothing: a syntax error anywhere in it (RFC 7208 §4.6).
std::optional<SpfRecord> parse_spf(std::string_view record);

/// "v=spf1" and a blank or nothing behind it (§4.5).
bool is_spf(std::string_view text);

/// What macros stand for (§7.2).
struct SpfMacros {
  std::string sender, local, sender_domain, domain, address, readable_address, version, helo, receiver, validated;
};
/// Of a domain-spec that parse_spf() has let through.
std::string expand_macros(std::string_view domain_spec, const SpfMacros &macros);
bool uses_validated_name(std::string_view domain_spec); // %{p}

} // namespace sekisho::guard
