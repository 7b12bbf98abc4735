#include "gateway/spool/key.hh"

#include "base/bytes.hh"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

namespace sekisho::spool {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<KeyOctets> from_hex(std::string_view text) {
  KeyOctets octets{};
  if (text.size() != 2 * octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    octets[i] = static_cast<std::byte>(high << 4 | low);
  }
  return octets;
}

} // namespace

Key make_key(const KeyOctets &octets) {
  Key key{octets, {}};
  std::array<unsigned char, 32> digest{};
  EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::transform(digest.begin(), digest.begin() + key.id.size(), key.id.begin(),
                 [](unsigned char octet) { return std::byte{octet}; });
  return key;
}

std::string to_string(const KeyId &id) { return to_hex(id); }

const Key *Keys::find(const KeyId &id) const {
  auto found = std::ranges::find(all, id, &Key::id);
  return found == all.end() ? nullptr : &*found;
}

void wipe(Keys &keys) {
  OPENSSL_cleanse(keys.all.data(), keys.all.size() * sizeof(Key));
  keys.all.clear();
}

Result<Keys> read_keys(std::string_view text) {
  Keys keys;
  keys.all.reserve(max_key_file / (2 * sizeof(KeyOctets)) + 1); // growing would leave copies behind
  if (text.size() > max_key_file) return fail("the key file is too long");
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto octets = from_hex(line);
    if (!octets) return fail(fmt::format("line {} of the key file is not 64 hexadecimal digits", number));
    keys.all.push_back(make_key(*octets));
  }
  if (keys.all.empty()) return fail("the key file holds no key");
  return keys;
}

std::optional<std::string> new_key_file() {
  KeyOctets octets{};
  if (RAND_priv_bytes(reinterpret_cast<unsigned char *>(octets.data()), static_cast<int>(octets.size())) != 1)
    return std::nullopt;
  std::string text = to_hex(octets), line;
  line.reserve(text.size() + 1);
  line = text;
  line += '\n';
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(octets.data(), octets.size());
  return line;
}

} // namespace sekisho::spool
