#include "gateway/relay/greylist.hh"

#include "base/check.hh"
#include "base/text.hh"
#include "gateway/relay/clients.hh"
#include "gateway/spool/crc32c.hh"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <span>

namespace sekisho::relay {
namespace {

constexpr std::string_view title = "sekisho greylist 1\n";
constexpr std::uint32_t day = 86'400;
constexpr std::uint32_t passed_for = 36 * day, waits_for = 2 * day;
constexpr std::uint64_t buckets_of_a_net = 512; // of 8192

std::uint64_t first_eight_of_sha256(const Buffer &octets) {
  std::array<std::byte, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char *>(digest.data()), &length, EVP_sha256(), nullptr);
  return ByteReader(digest).read_u64();
}

} // namespace

Greylist::Greylist() : places_(places) {
  CHECK(RAND_bytes(reinterpret_cast<unsigned char *>(key_.data()), static_cast<int>(key_.size())) == 1);
}

/// Which bucket follows from it: one of a few for a net of clients, so that who tries many names pushes out mostly his own.
std::uint64_t Greylist::name(const Ip &client, std::string_view from, std::string_view recipient) const {
  const Ip net = net_of(client);
  ByteWriter writer;
  writer.put_bytes(key_);
  writer.put_bytes(std::as_bytes(std::span(net.octets)));
  const std::uint64_t first = first_eight_of_sha256(writer.buffer());
  writer.put_counted(lower_case(from));
  writer.put_counted(lower_case(recipient));
  const std::uint64_t all = first_eight_of_sha256(writer.buffer());
  return all / buckets / 2 * buckets + (first + all % buckets_of_a_net) % buckets;
}

bool Greylist::is_over(const Place &place, std::uint32_t now) {
  return place.last == 0 || now - std::min(now, place.last) > (place.passed ? passed_for : waits_for);
}

/// Its own place, else a free one of its bucket, else that of who has waited longest, else of who was away longest.
Greylist::Place &Greylist::place_for(std::uint64_t name, std::uint32_t now) {
  const std::size_t bucket = static_cast<std::size_t>(name % buckets) * bucket_size;
  const auto row = std::span(places_).subspan(bucket, bucket_size);
  for (Place &place : row)
    if (place.name == name && !is_over(place, now)) return place;
  const auto worth = [now](const Place &place) {
    return is_over(place, now) ? std::pair(0, 0u) : std::pair(place.passed ? 2 : 1, place.last);
  };
  Place &free = *std::ranges::min_element(row, {}, worth);
  free = {name, now, now, false};
  changed_ = true;
  return free;
}

Reason Greylist::ask(const Ip &client, std::string_view from, std::string_view recipient, std::uint32_t wait,
                     UnixSeconds unix_now) {
  const auto now = static_cast<std::uint32_t>(unix_now);
  Place &place = place_for(name(client, from, recipient), now);
  if (!place.passed && place.first > now) place.first = place.last = now; // the clock stood in the future
  if (!place.passed && now - std::min(now, place.first) < wait) return Reason::greylisted;
  changed_ = changed_ || !place.passed || now - place.last > 60;
  place.passed = true;
  place.last = now;
  return Reason::none;
}

Buffer Greylist::encode() const {
  ByteWriter writer;
  writer.put_bytes(key_);
  writer.put_u32(static_cast<std::uint32_t>(count()));
  for (const Place &place : places_) {
    if (place.last == 0) continue;
    writer.put_u64(place.name);
    writer.put_u32(place.first);
    writer.put_u32(place.last);
    writer.put_u8(place.passed);
  }
  ByteWriter whole;
  whole.put_bytes(as_bytes(title));
  whole.put_u32(spool::crc32c(writer.buffer()));
  whole.put_bytes(writer.buffer());
  return whole.take();
}

bool Greylist::decode(Bytes untrusted) {
  ByteReader reader(untrusted);
  if (as_chars(reader.take(title.size())) != title) return false;
  const std::uint32_t checksum = reader.read_u32();
  ByteReader body(reader.rest());
  if (reader.failed() || spool::crc32c(untrusted.subspan(title.size() + 4)) != checksum) return false;
  const Bytes key = body.take(key_.size());
  const std::uint32_t count = body.read_u32();
  std::vector<Place> read(places);
  std::vector<std::uint8_t> used(buckets);
  for (std::uint32_t i = 0; i < count && !body.failed(); ++i) {
    Place place{body.read_u64(), body.read_u32(), body.read_u32(), body.read_u8() != 0};
    const std::size_t bucket = static_cast<std::size_t>(place.name % used.size());
    if (used[bucket] == bucket_size) return false;
    read[bucket * bucket_size + used[bucket]++] = place;
  }
  if (body.failed() || !body.at_end()) return false;
  std::ranges::copy(key, key_.begin());
  places_ = std::move(read);
  return true;
}

std::size_t Greylist::count() const {
  return static_cast<std::size_t>(std::ranges::count_if(places_, [](const Place &place) { return place.last != 0; }));
}

} // namespace sekisho::relay
