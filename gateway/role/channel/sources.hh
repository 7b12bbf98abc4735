// Rules travel as source text: each role compiles for itself and believes no other role's reading.
#pragma once

#include "base/bytes.hh"
#include "base/result.hh"
#include "base/unique_fd.hh"
#include "rules/diagnostic.hh"

#include <vector>

namespace sekisho::role {

constexpr std::size_t max_sources = 16u << 20; // octets of all rule files together

/// The rule sources as the supervisor sends them (message `rules`).
Buffer encode_sources(std::span<const rules::SourceFile> sources);
Result<std::vector<rules::SourceFile>> decode_sources(Bytes untrusted);
/// A sealed memfd with the encoded sources.
Result<UniqueFd> sources_memfd(std::span<const rules::SourceFile> sources);
/// Reads a memfd of at most 16 MiB and decodes it.
Result<std::vector<rules::SourceFile>> read_sources(int memfd);

} // namespace sekisho::role
