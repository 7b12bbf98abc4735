#include "gateway/guard/dkim.hh"

#include "gateway/guard/dkim_canon.hh"
#include "gateway/guard/tag_list.hh"
#include "sanitizer/mime/transfer.hh"

#include <openssl/x509.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace sekisho::guard {
namespace {

using Tags = std::map<std::string, std::string>;

constexpr int least_bits = 1024, most_bits = 8192; // RFC 8301 §3.2; more would only cost time
constexpr std::size_t most_names = 200;            // in h=
constexpr std::size_t most_octets = 16384;         // of a signature field; a longer one is not looked into
constexpr UnixSeconds clock_skew = 300;

struct Signature {
  const Field *field = nullptr;
  std::string domain, selector, identity;
  bool ed25519 = false, relaxed_header = false, relaxed_body = false;
  std::vector<std::string> names;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max(); // l=
  bool limited = false;
  std::string body_hash, signature; // octets
};

std::string decoded(std::string_view base64) {
  const Buffer octets = mime::decode_base64(as_bytes(squeezed(base64)));
  return std::string(as_chars(octets));
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.emplace_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::uint64_t> number(std::string_view digits) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
  return value;
}

/// A name that is written to a field of ours: letters, digits, '-', '_' and dots.
bool is_plain_name(std::string_view name) {
  return is_askable(name) && std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
         });
}

bool read_forms(std::string_view c, Signature &signature) {
  const std::size_t slash = std::min(c.find('/'), c.size());
  const std::string_view header = c.substr(0, slash), body = c.substr(std::min(slash + 1, c.size()));
  if ((header != "simple" && header != "relaxed") || (!body.empty() && body != "simple" && body != "relaxed")) return false;
  signature.relaxed_header = header == "relaxed";
  signature.relaxed_body = body == "relaxed";
  return true;
}

/// Empty, or what is wrong with it: permerror.  `author`: the field that a reader is shown as From.
std::string read_signature(const Tags &tags, std::string_view author, Signature &signature) {
  signature.domain = lower_case(tag(tags, "d"));
  signature.selector = lower_case(tag(tags, "s"));
  if (!is_plain_name(signature.domain) || !is_plain_name(signature.selector)) {
    signature.domain.clear();
    signature.selector.clear();
    return "no proper domain or selector";
  }
  if (tag(tags, "v") != "1") return "unknown version";
  const std::string algorithm = lower_case(tag(tags, "a"));
  if (algorithm != "rsa-sha256" && algorithm != "ed25519-sha256") return "unknown algorithm"; // RFC 8301: no SHA-1
  signature.ed25519 = algorithm == "ed25519-sha256";
  if (!read_forms(lower_case(tag(tags, "c", "simple/simple")), signature)) return "unknown canonical form";
  const std::string names = tag(tags, "h");
  if (std::ranges::count(names, ':') >= static_cast<std::ptrdiff_t>(most_names)) return "too many fields";
  signature.names = split(names, ':');
  const auto is_signed = [&](std::string_view field) {
    return std::ranges::any_of(signature.names, [&](const std::string &name) { return equals_ignoring_case(name, field); });
  };
  if (!is_signed("From") || (!author.empty() && !is_signed(author))) return "From is not signed";
  if (tags.contains("l")) {
    const std::optional<std::uint64_t> length = number(tag(tags, "l"));
    if (!length) return "bad length";
    signature.most = *length;
    signature.limited = true;
  }
  signature.identity = lower_case(tag(tags, "i", "@" + signature.domain));
  const std::string of_identity = domain_of(signature.identity);
  if (of_identity != signature.domain && !of_identity.ends_with("." + signature.domain)) return "identity of another domain";
  if (tag(tags, "q", "dns/txt") != "dns/txt") return "unknown way to the key";
  signature.body_hash = decoded(tag(tags, "bh"));
  signature.signature = decoded(tag(tags, "b"));
  if (signature.body_hash.size() != 32 || signature.signature.empty()) return "no hash or no signature";
  return {};
}

/// RFC 6376 §3.6.1.  Empty, or what is wrong.
std::string read_key(const std::string &text, const Signature &signature, Key &key) {
  const std::optional<Tags> tags = read_tags(text);
  if (!tags || !tags->contains("p")) return "no key";
  if (tags->contains("v") && tag(*tags, "v") != "DKIM1") return "unknown version of the key";
  const std::string type = lower_case(tag(*tags, "k", "rsa"));
  if (type != (signature.ed25519 ? "ed25519" : "rsa")) return "key of another kind";
  const auto lists = [&](const char *name, std::string_view wanted, std::string_view any) {
    if (!tags->contains(name)) return true;
    const std::vector<std::string> listed = split(tag(*tags, name), ':');
    return std::ranges::any_of(listed, [&](const std::string &one) { return lower_case(one) == wanted || one == any; });
  };
  if (!lists("h", "sha256", "sha256") || !lists("s", "email", "*")) return "key for something else";
  const std::vector<std::string> flags = split(tag(*tags, "t"), ':');
  if (std::ranges::count(flags, "s") > 0 && domain_of(signature.identity) != signature.domain)
    return "key for the domain itself only";
  const std::string octets = decoded(tag(*tags, "p"));
  if (octets.empty()) return "key revoked";
  const auto *data = reinterpret_cast<const unsigned char *>(octets.data());
  if (signature.ed25519) {
    key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data, octets.size()));
    return key ? "" : "malformed key";
  }
  if (octets.size() > 4096) return "malformed key";
  key.reset(d2i_PUBKEY(nullptr, &data, static_cast<long>(octets.size())));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return "malformed key";
  const int bits = EVP_PKEY_get_bits(key.get());
  return bits < least_bits || bits > most_bits ? "key of such a length is not used" : "";
}

bool is_signed(EVP_PKEY *key, bool ed25519, std::string_view signature, std::string_view header) {
  // RFC 8463 §3: Ed25519 signs the hash, RSA hashes by itself
  const std::string hashed = ed25519 ? sha256(header) : std::string(header);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return EVP_DigestVerifyInit(context.get(), nullptr, ed25519 ? nullptr : EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char *>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char *>(hashed.data()), hashed.size()) == 1;
}

/// Hashes of one body; most signatures of a mail want the same.  Each costs a pass over the whole mail, so of those that want
/// only its beginning the first is served, and those that want the same.
class BodyHashes {
public:
  explicit BodyHashes(std::string_view body) : body_(body) {}
  struct Hash {
    std::string octets;
    std::uint64_t length = 0; // of the whole canonical form
  };
  /// Null: not hashed.
  const Hash *of(const Signature &signature) {
    const Wanted wanted{signature.relaxed_body, signature.most};
    if (signature.limited && limited_.value_or(wanted) != wanted) return nullptr;
    if (signature.limited) limited_ = wanted;
    const auto [hash, is_new] = hashes_.try_emplace(wanted);
    if (is_new) hash->second.octets = hash_body(body_, signature.relaxed_body, signature.most, hash->second.length);
    return &hash->second;
  }

private:
  using Wanted = std::pair<bool, std::uint64_t>; // relaxed, l=
  std::string_view body_;
  std::map<Wanted, Hash> hashes_;
  std::optional<Wanted> limited_;
};

void verify(const Message &message, BodyHashes &bodies, const Signature &signature, const Answer &answer,
            DkimOutcome &outcome) {
  const auto say = [&](DkimResult result, std::string why) {
    outcome.result = result;
    outcome.why = std::move(why);
  };
  if (answer.status == Answer::Status::failed) return say(DkimResult::temperror, "no answer about the key");
  if (answer.texts.empty()) return say(DkimResult::permerror, "no key");
  Key key(nullptr, EVP_PKEY_free);
  if (std::string wrong = read_key(answer.texts.front(), signature, key); !wrong.empty())
    return say(DkimResult::permerror, std::move(wrong));
  const BodyHashes::Hash *body = bodies.of(signature);
  if (!body) return say(DkimResult::policy, "another length signed before");
  if (body->octets != signature.body_hash) return say(DkimResult::fail, "body was changed");
  const std::string header = signed_header(message, signature.names, *signature.field, signature.relaxed_header);
  if (!is_signed(key.get(), signature.ed25519, signature.signature, header))
    return say(DkimResult::fail, "header was changed, or another key");
  // §8.2: whatever stands behind l= anybody may have put there
  if (signature.limited && body->length > signature.most) return say(DkimResult::policy, "more text than was signed");
  say(DkimResult::pass, {});
}

} // namespace

std::string_view word_of(DkimResult result) {
  constexpr std::string_view words[] = {"none", "pass", "fail", "policy", "temperror", "permerror"};
  return words[static_cast<std::size_t>(result)];
}

std::optional<std::vector<DkimOutcome>> check_dkim(const Message &message, UnixSeconds now, Lookups &lookups) {
  std::vector<DkimOutcome> outcomes;
  std::vector<std::pair<Signature, const Answer *>> waiting; // as outcomes; no field: judged already
  const Author author = author_of(message);
  for (const Field &field : message.fields) {
    if (!equals_ignoring_case(field.name, "DKIM-Signature") || outcomes.size() == most_signatures) continue;
    DkimOutcome outcome;
    Signature signature;
    const bool is_long = field.value.size() > most_octets;
    const std::optional<Tags> tags = is_long ? std::nullopt : read_tags(field.value);
    outcome.why = tags ? read_signature(*tags, author.field, signature) : is_long ? "too long" : "malformed";
    outcome.domain = signature.domain;
    outcome.selector = signature.selector;
    if (tags) outcome.beginning = squeezed(tag(*tags, "b")).substr(0, 8);
    const std::optional<std::uint64_t> expires = tags ? number(tag(*tags, "x")) : std::nullopt;
    if (outcome.why.empty() && message.unclear) outcome.why = "malformed header"; // RFC 6376 §3.8: others see another mail
    if (outcome.why.empty() && expires && static_cast<std::uint64_t>(now - clock_skew) > *expires)
      outcome.why = "expired";
    outcome.result = outcome.why.empty() ? DkimResult::none : DkimResult::permerror;
    const Answer *answer = nullptr;
    if (outcome.why.empty()) {
      signature.field = &field;
      answer = lookups.ask(signature.selector + "._domainkey." + signature.domain, DnsType::txt);
    }
    outcomes.push_back(std::move(outcome));
    waiting.emplace_back(std::move(signature), answer);
  }
  for (const auto &[signature, answer] : waiting)
    if (signature.field && !answer) return std::nullopt;
  BodyHashes bodies(message.body);
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    if (waiting[i].first.field) verify(message, bodies, waiting[i].first, *waiting[i].second, outcomes[i]);
  return outcomes;
}

} // namespace sekisho::guard
