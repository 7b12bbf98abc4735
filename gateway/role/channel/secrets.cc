#include "gateway/role/channel/secrets.hh"

#include "gateway/role/channel/long_text.hh"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sekisho::role {
namespace {

constexpr std::uint32_t max_files = 1000;
constexpr std::size_t max_name = 4096; // octets, PATH_MAX

Result<Secrets> decode(Bytes untrusted) {
  ByteReader reader(untrusted);
  Secrets secrets;
  const std::uint32_t count = reader.read_u32();
  if (reader.failed() || count > max_files) return fail("secrets: too many files");
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    std::string path = reader.take_string(max_name);
    secrets[std::move(path)] = reader.take_string(max_secret);
  }
  if (reader.failed() || !reader.at_end()) return fail("secrets: damaged");
  return secrets;
}

} // namespace

void wipe(std::string &text) { OPENSSL_cleanse(text.data(), text.size()); }

void wipe(Secrets &secrets) {
  for (auto &[path, content] : secrets) wipe(content);
  secrets.clear();
}

Result<std::string> read_secret(const std::string &path, Readers readers) {
  const int link = readers == Readers::owner ? O_NOFOLLOW : 0;
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | link));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return fail("cannot read " + path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) return fail("cannot read " + path + ": it is no plain file");
  if (readers == Readers::few && (status.st_mode & S_IROTH) != 0)
    return fail(path + ": everybody may read this key; type  chmod o-r " + path);
  if (readers == Readers::owner && (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0))
    return fail(path + ": it must belong to root, and nobody else may read it; type  chmod 600 " + path);
  std::string content(max_secret + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t count = ::read(fd.get(), content.data() + size, content.size() - size);
    if (count < 0) return fail("cannot read " + path + ": " + std::strerror(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > max_secret) return fail("cannot read " + path + ": it is above 1 MiB");
  std::string exact = content.substr(0, size);
  wipe(content);
  return exact;
}

namespace {

/// Room is made once, so that no outgrown copy of a key is left behind.
Buffer encode(const Secrets &secrets) {
  std::size_t size = 4;
  for (const auto &[path, content] : secrets) size += 8 + path.size() + content.size();
  Buffer encoded;
  encoded.reserve(size);
  const auto put_number = [&](std::size_t number) {
    for (unsigned shift : {24u, 16u, 8u, 0u}) encoded.push_back(static_cast<std::byte>(number >> shift & 0xff));
  };
  const auto put = [&](std::string_view text) {
    put_number(text.size());
    encoded.insert(encoded.end(), as_bytes(text).begin(), as_bytes(text).end());
  };
  put_number(secrets.size());
  for (const auto &[path, content] : secrets) {
    put(path);
    put(content);
  }
  return encoded;
}

} // namespace

Result<UniqueFd> secrets_memfd(const Secrets &secrets) {
  Buffer encoded = encode(secrets);
  Result<UniqueFd> memfd = encoded.size() > max_secrets ? fail("the certificates and keys are above 16 MiB together")
                                                        : sealed_memfd("sekisho-secrets", encoded);
  OPENSSL_cleanse(encoded.data(), encoded.size());
  return memfd;
}

Result<Secrets> read_secrets(int memfd) {
  Result<std::string> encoded = read_memfd(memfd, max_secrets);
  if (!encoded) return fail("secrets: " + encoded.error().what);
  Result<Secrets> secrets = decode(as_bytes(*encoded));
  wipe(*encoded);
  return secrets;
}

Result<UniqueFd> rules_with_secrets_memfd(std::span<const rules::SourceFile> sources, int secrets) {
  Result<std::string> kept = read_memfd(secrets, max_secrets);
  if (!kept) return fail(kept.error());
  const Buffer rules = encode_sources(sources);
  ByteWriter head;
  head.put_u32(static_cast<std::uint32_t>(rules.size()));
  Buffer whole;
  whole.reserve(4 + rules.size() + kept->size());
  for (Bytes part : {Bytes(head.buffer()), Bytes(rules), as_bytes(*kept)}) whole.insert(whole.end(), part.begin(), part.end());
  Result<UniqueFd> memfd = rules.size() > max_sources ? fail("the rule files are above 16 MiB together")
                                                      : sealed_memfd("sekisho-rules", whole);
  wipe(*kept);
  OPENSSL_cleanse(whole.data(), whole.size());
  return memfd;
}

Result<RulesWithSecrets> read_rules_with_secrets(int memfd) {
  Result<std::string> whole = read_memfd(memfd, 4 + max_sources + max_secrets);
  if (!whole) return fail("rule sources: " + whole.error().what);
  ByteReader reader(as_bytes(*whole));
  const Bytes rules = reader.take(reader.read_u32());
  if (reader.failed()) return fail("rule sources: cut short");
  Result<std::vector<rules::SourceFile>> sources = decode_sources(rules);
  Result<Secrets> secrets = decode(reader.rest());
  wipe(*whole);
  if (!sources) return fail(sources.error());
  if (!secrets) return fail(secrets.error());
  return RulesWithSecrets{std::move(*sources), std::move(*secrets)};
}

} // namespace sekisho::role
