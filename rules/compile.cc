#include "rules/compile.hh"

#include "rules/format.hh"
#include "rules/parse.hh"
#include "rules/policy.hh"

#include <openssl/evp.h>

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_sources = 256;

std::string sha256_hex(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &length, EVP_sha256(), nullptr) != 1) return {};
  std::string hex;
  for (unsigned i = 0; i < length; ++i)
    hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

} // namespace

Compiled compile(std::span<const SourceFile> sources, UnixSeconds now) {
  Compiled compiled;
  Reporter reporter(compiled.diagnostics);
  Sentences sentences;
  std::string canonical; // of all files, without comments: what the hash names
  if (sources.empty() || sources.size() > max_sources) {
    reporter.error(
        {}, fmt::format("{} rule files; 1 to {} make a policy", sources.size(), max_sources));
    return compiled;
  }
  for (std::uint32_t file = 0; file < sources.size(); ++file) {
    Lexed lexed = lex(sources[file], file, reporter);
    std::vector<Outline> outlines = parse(lexed, sentences, reporter);
    if (reporter.errors() == 0) canonical += canonical_text(lexed, outlines, Comments::dropped);
  }
  Model model = check(sentences, sources, now, reporter);
  reporter.sort();
  if (reporter.errors() > 0) return compiled;
  std::string hash = sha256_hex(canonical);
  if (hash.empty()) {
    reporter.error({}, "SHA-256 is not available");
    return compiled;
  }
  compiled.rules = std::make_shared<const Policy>(std::move(model), std::move(hash));
  return compiled;
}

} // namespace sekisho::rules
