#include "rules/compile.hh"

#include "rules/format.hh"
#include "rules/parse.hh"
#include "rules/policy.hh"

#include <openssl/evp.h>

#include <fmt/format.h>

namespace sekisho::rules {
namespace {

constexpr std::size_t max_sources = 256;

/// SHA-256 of a text that comes in pieces.
class Digest {
public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    good_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
  }
  void add(std::string_view text) {
    good_ = good_ && EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1;
  }
  /// 64 hex digits, or nothing when there is no SHA-256.
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (!good_ || EVP_DigestFinal_ex(context_.get(), digest, &length) != 1) return {};
    std::string hex;
    for (unsigned i = 0; i < length; ++i)
      hex += fmt::format("{:02x}", digest[i]);
    return hex;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
  bool good_ = false;
};

/// One file after the other, sentence by sentence: tokens are forgotten as soon as they are read.
Model read(std::span<const SourceFile> sources, UnixSeconds now, Reporter &reporter,
           Digest &digest) {
  Sentences sentences;
  Texts texts;
  for (std::uint32_t file = 0; file < sources.size(); ++file) {
    if (sources[file].is_note) {
      digest.add(fmt::format("note {}\n{}", sources[file].name, sources[file].text));
      continue;
    }
    Tokens tokens(sources[file], file, Comments::dropped, texts, reporter);
    std::vector<Outline> outline(1);
    parse(tokens, sentences, reporter, [&](Outline read) {
      outline[0] = std::move(read);
      if (reporter.errors() == 0) digest.add(canonical_text(tokens, outline, Comments::dropped));
      if (outline[0].last > 0) tokens.forget_before(outline[0].last - 1);
    });
  }
  return check(sentences, sources, now, reporter);
}

void warn_of_hidden(const Policy &policy, Reporter &reporter) {
  const Model &model = policy.model();
  for (const Classifier::Hidden &hidden : policy.hidden()) {
    Diagnostic &warning =
        reporter.warning(model.places[hidden.rule], "this sentence never answers", "Z9");
    warning.related.push_back({model.places[hidden.by], "this one lists the same flows before it"});
    warning.help = "of several sentences that list a flow the first that is in force answers: "
                   "remove one, or put the narrower first";
  }
}

} // namespace

Compiled compile(std::span<const SourceFile> sources, UnixSeconds now) {
  Compiled compiled;
  Reporter reporter(compiled.diagnostics);
  if (sources.empty() || sources.size() > max_sources) {
    reporter.error(
        {}, fmt::format("{} rule files; 1 to {} make a policy", sources.size(), max_sources));
    return compiled;
  }
  Digest digest; // of the canonical text without comments: what the hash names
  Model model = read(sources, now, reporter, digest);
  std::string hash = digest.hex();
  if (reporter.errors() == 0 && hash.empty()) reporter.error({}, "SHA-256 is not available");
  if (reporter.errors() == 0) {
    std::shared_ptr<const Policy> policy = Policy::make(std::move(model), std::move(hash));
    if (policy)
      warn_of_hidden(*policy, reporter);
    else
      reporter.error({}, "the rules overlap in more ways than can be kept").help =
          "name sets of hosts instead of many single ones, and ranges of ports instead of many";
    compiled.rules = std::move(policy);
  }
  reporter.sort();
  return compiled;
}

} // namespace sekisho::rules
