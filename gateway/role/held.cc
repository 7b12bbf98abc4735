#include "gateway/role/held.hh"

#include "gateway/record/chain.hh"
#include "gateway/role/channel/sources.hh"
#include "gateway/role/state_file.hh"

namespace sekisho::role {
namespace {

// A first line for whoever opens the file, the SHA-256 of what follows, then the fields.
constexpr std::string_view title = "rules kept by sekisho apply; sekisho reload lets go of them\n";
constexpr std::size_t digest_size = 64;      // hex digits
constexpr std::size_t max_field = 256;       // octets
constexpr std::size_t max_file = max_sources + 65536;

std::string encode(const HeldRules &rules) {
  ByteWriter writer;
  writer.put_u8(rules.on_trial);
  writer.put_counted(std::string_view(rules.by).substr(0, max_field));
  writer.put_counted(std::string_view(rules.since).substr(0, max_field));
  writer.put_bytes(encode_sources(rules.sources));
  std::string_view body = as_chars(writer.buffer());
  std::string text(title);
  text += record::sha256_hex(body);
  text += '\n';
  return text.append(body);
}

Result<HeldRules> decode(std::string_view untrusted) {
  std::size_t head = title.size() + digest_size + 1;
  if (untrusted.size() < head || !untrusted.starts_with(title) || untrusted[head - 1] != '\n') return fail("damaged");
  std::string_view body = untrusted.substr(head);
  if (record::sha256_hex(body) != untrusted.substr(title.size(), digest_size)) return fail("damaged");
  ByteReader reader(as_bytes(body));
  HeldRules rules;
  rules.on_trial = reader.read_u8() != 0;
  rules.by = reader.take_string(max_field);
  rules.since = reader.take_string(max_field);
  if (reader.failed()) return fail("damaged");
  Result<std::vector<rules::SourceFile>> sources = decode_sources(reader.rest());
  if (!sources) return fail(sources.error());
  rules.sources = std::move(*sources);
  return rules;
}

} // namespace

Result<Held> Held::open(std::string path) {
  Held held;
  held.path_ = std::move(path);
  Result<std::optional<std::string>> text = read_state_file(held.path_, max_file);
  if (!text) return fail(text.error());
  if (!*text) return held;
  Result<HeldRules> rules = decode(**text);
  if (!rules)
    return fail(held.path_ + " is " + rules.error().what +
                ": it held the rules in force; remove it to start with the rule files");
  held.rules_ = std::move(*rules);
  return held;
}

Result<void> Held::hold(HeldRules rules) {
  std::string text = encode(rules);
  if (text.size() > max_file) return fail("the rules are too large to be kept");
  TRY(replace_file(path_, text, 0600));
  rules_ = std::move(rules);
  return {};
}

Result<void> Held::let_go() {
  if (rules_) TRY(remove_file(path_));
  rules_.reset();
  return {};
}

} // namespace sekisho::role
