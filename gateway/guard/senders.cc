#include "gateway/guard/senders.hh"

#include "base/check.hh"
#include "gateway/guard/message.hh"
#include "gateway/spool/crc32c.hh"
#include "sanitizer/text/idn.hh"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace sekisho::guard {

namespace {

std::shared_ptr<EVP_MAC_CTX> hmac_sha256(const SenderKey &key) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> method(EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free);
  std::shared_ptr<EVP_MAC_CTX> context(EVP_MAC_CTX_new(method.get()), EVP_MAC_CTX_free);
  std::string digest = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                   OSSL_PARAM_construct_end()};
  CHECK(context && EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char *>(key.data()), key.size(), parameters) == 1);
  return context;
}

} // namespace

KnownSenders::KnownSenders(const SenderKey &key, std::size_t most) : mac_(hmac_sha256(key)), most_(most) {}

std::uint64_t KnownSenders::name_of(std::string_view relay, std::string_view address) const {
  std::string text(relay);
  text += '\0';
  text += lower_case(text::with_ascii_domain(address));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  std::size_t size = 0;
  CHECK(EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1 && // with the key that it has
        EVP_MAC_update(mac_.get(), reinterpret_cast<const unsigned char *>(text.data()), text.size()) == 1 &&
        EVP_MAC_final(mac_.get(), digest.data(), &size, digest.size()) == 1);
  return ByteReader(std::as_bytes(std::span(digest))).read_u64();
}

bool KnownSenders::knows(std::uint64_t name, std::uint32_t day) const {
  const auto found = seen_.find(name);
  return found != seen_.end() && found->second.day + sender_days >= day;
}

bool KnownSenders::learn(std::uint64_t name, std::uint32_t day, bool established, Entry &entry) {
  const auto found = seen_.find(name);
  if (found == seen_.end()) {
    if (seen_.size() >= most_) make_room();
    seen_[name] = {day, established};
    entry = {name, day, established};
    return true;
  }
  Seen &seen = found->second;
  const bool again = seen.day < day;
  if (!again && (seen.established || !established)) return false;
  seen.established = seen.established || established || again;
  seen.day = std::max(seen.day, day);
  entry = {name, seen.day, seen.established};
  return true;
}

void KnownSenders::restore(const Entry &entry) {
  if (seen_.size() >= most_ && !seen_.contains(entry.name)) make_room();
  Seen &seen = seen_[entry.name];
  seen = {std::max(seen.day, entry.day), seen.established || entry.established};
}

/// A tenth goes: those seen once before those of several days, so that a flood of invented senders displaces itself;
/// of each kind those longest not seen.
void KnownSenders::make_room() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> order; // rank, name
  order.reserve(seen_.size());
  for (const auto &[name, seen] : seen_)
    order.emplace_back((std::uint64_t{seen.established} << 32) | seen.day, name);
  const std::size_t gone = std::max<std::size_t>(order.size() / 10, 1);
  std::ranges::nth_element(order, order.begin() + static_cast<std::ptrdiff_t>(gone - 1));
  for (std::size_t i = 0; i < gone; ++i) seen_.erase(order[i].second);
}

void put_entry(ByteWriter &writer, const KnownSenders::Entry &entry) {
  ByteWriter one;
  one.put_u64(entry.name);
  one.put_u32(entry.day << 1 | entry.established);
  writer.put_bytes(one.buffer());
  writer.put_u32(spool::crc32c(one.buffer()));
}

bool take_entry(ByteReader &reader, KnownSenders::Entry &entry) {
  const Bytes octets = reader.take(sender_entry_size);
  if (reader.failed()) return false;
  ByteReader one(octets);
  entry.name = one.read_u64();
  const std::uint32_t day = one.read_u32();
  entry.day = day >> 1;
  entry.established = day & 1;
  return one.read_u32() == spool::crc32c(octets.first(12));
}

} // namespace sekisho::guard
