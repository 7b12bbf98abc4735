#include "gateway/flow/hash.hh"

#include "base/check.hh"
#include "base/cpu.hh"
#include "base/vectors.hh"

#include <bit>
#include <sys/random.h>

namespace sekisho::flow {
namespace {

constexpr std::uint64_t mark6 = 6; // Key: octet 0

struct SipState {
  std::uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
    v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
    v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
    v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round(), round();
    v0 ^= word;
  }
};

void hash_portable(const HashKey &key, std::span<const Key> keys, std::uint64_t *hashes) {
  for (std::size_t i = 0; i < keys.size(); ++i)
    hashes[i] = sip_hash(key[0], key[1], std::as_bytes(keys.subspan(i, 1)));
}

#if defined(__x86_64__)
/// Two rounds spread every octet over the state (Daemen, Rijmen 2002, §9.4), the others hide it.
__attribute__((target("aes,sse4.1"))) void
hash_aes(const HashKey &key, std::span<const Key> keys, std::uint64_t *hashes) {
  const auto load = [](const void *at) __attribute__((target("aes,sse4.1"))) {
    return _mm_loadu_si128(static_cast<const __m128i *>(at));
  };
  const __m128i k0 = load(&key[0]), k1 = load(&key[2]), k2 = load(&key[4]), k3 = load(&key[6]);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    __m128i state = _mm_aesenc_si128(_mm_xor_si128(load(&keys[i]), k0), k1);
    state = _mm_aesenc_si128(_mm_aesenc_si128(state, k2), k3);
    hashes[i] = static_cast<std::uint64_t>(_mm_cvtsi128_si64(state)) ^
                static_cast<std::uint64_t>(_mm_extract_epi64(state, 1));
  }
}

/// The same, four keys in a register.
__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,vaes"))) void
hash_vaes(const HashKey &key, std::span<const Key> keys, std::uint64_t *hashes) {
  constexpr std::size_t at_once = 8;
  __m512i round[4];
  for (std::size_t i = 0; i < 4; ++i)
    round[i] = _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i *>(&key[2 * i])));
  const __m512i low = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0), high = _mm512_set_epi64(15, 13, 11, 9, 7, 5, 3, 1);
  std::size_t at = 0;
  for (; at + at_once <= keys.size(); at += at_once) {
    __m512i state[2];
    for (std::size_t i = 0; i < 2; ++i) {
      state[i] = _mm512_xor_si512(_mm512_loadu_si512(&keys[at + 4 * i]), round[0]);
      for (std::size_t step = 1; step < 4; ++step) state[i] = _mm512_aesenc_epi128(state[i], round[step]);
    }
    _mm512_storeu_si512(hashes + at, _mm512_xor_si512(_mm512_permutex2var_epi64(state[0], low, state[1]),
                                                      _mm512_permutex2var_epi64(state[0], high, state[1])));
  }
  _mm256_zeroupper(); // what follows is of the older kind, and would wait for the upper halves at every step
  if (at < keys.size()) hash_aes(key, keys.subspan(at), hashes + at);
}
#endif

/// Through SipHash twice under independent keys.
Key digest_portable(const HashKey &key, std::uint64_t low_front, std::uint64_t low_back, std::uint64_t high_front,
                    std::uint64_t high_back, std::uint64_t rest) {
  const std::uint64_t words[] = {low_front, low_back, high_front, high_back, rest};
  auto octets = std::as_bytes(std::span(words));
  return {(sip_hash(key[0], key[1], octets) & ~std::uint64_t{0xff}) | mark6, sip_hash(key[2], key[3], octets)};
}

#if defined(__x86_64__)
__attribute__((target("aes,sse4.1"))) Key digest_aes(const HashKey &key, std::uint64_t low_front, std::uint64_t low_back,
                                                     std::uint64_t high_front, std::uint64_t high_back, std::uint64_t rest) {
  const auto word = [](std::uint64_t value) { return static_cast<long long>(value); };
  const __m128i blocks[] = {_mm_set_epi64x(word(low_back), word(low_front)), _mm_set_epi64x(word(high_back), word(high_front)),
                            _mm_cvtsi64_si128(word(rest))};
  const auto *keys = reinterpret_cast<const __m128i *>(key.data());
  const __m128i k0 = _mm_loadu_si128(keys), k1 = _mm_loadu_si128(keys + 1), k2 = _mm_loadu_si128(keys + 2),
                k3 = _mm_loadu_si128(keys + 3);
  __m128i state = k0;
  for (const __m128i &block : blocks) {
    state = _mm_aesenc_si128(_mm_xor_si128(state, block), k1);
    state = _mm_aesenc_si128(_mm_aesenc_si128(_mm_aesenc_si128(state, k2), k3), k0);
  }
  auto front = static_cast<std::uint64_t>(_mm_cvtsi128_si64(state));
  return {(front & ~std::uint64_t{0xff}) | mark6, static_cast<std::uint64_t>(_mm_extract_epi64(state, 1))};
}
#endif

} // namespace

std::uint64_t sip_hash(std::uint64_t key0, std::uint64_t key1, std::span<const std::byte> octets) {
  SipState state{key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d, key0 ^ 0x6c7967656e657261,
                 key1 ^ 0x7465646279746573};
  std::size_t offset = 0;
  for (; offset + 8 <= octets.size(); offset += 8) {
    std::uint64_t word;
    std::memcpy(&word, octets.data() + offset, 8);
    state.absorb(word);
  }
  std::uint64_t last = static_cast<std::uint64_t>(octets.size()) << 56;
  for (unsigned shift = 0; offset < octets.size(); ++offset, shift += 8)
    last |= std::to_integer<std::uint64_t>(octets[offset]) << shift;
  state.absorb(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

HashKey random_hash_key() {
  HashKey key;
  CHECK(::getrandom(key.data(), sizeof key, 0) == ssize_t{sizeof key});
  return key;
}

Hasher::Hasher(const HashKey &key, bool portable) : key_(key), method_(hash_portable), digest_(digest_portable) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("aes") || !__builtin_cpu_supports("sse4.1")) return;
  method_ = hash_aes;
  digest_ = digest_aes;
  if (!portable && has_avx512_vaes()) method_ = hash_vaes;
#endif
}

Key Hasher::key6_of(const Ip &source, const Ip &destination, std::uint32_t ports, std::uint8_t protocol,
                    bool &source_is_high) const {
  const auto [from0, from1] = source.words();
  const auto [to0, to1] = destination.words();
  const std::uint64_t from_front = __builtin_bswap64(from0), to_front = __builtin_bswap64(to0);
  source_is_high = (from_front > to_front) |
                   ((from_front == to_front) & (__builtin_bswap64(from1) > __builtin_bswap64(to1)));
  const std::uint64_t swap = -std::uint64_t{source_is_high};
  const std::uint64_t front = (from0 ^ to0) & swap, back = (from1 ^ to1) & swap;
  return digest_(key_, from0 ^ front, from1 ^ back, to0 ^ front, to1 ^ back,
                 std::rotl(ports, static_cast<int>(swap & 16)) | std::uint64_t{protocol} << 32);
}

Key Hasher::key_of(const Ends &ends, bool &source_is_high) const {
  std::uint32_t ports = __builtin_bswap32(std::uint32_t{ends.source_port} << 16 | ends.destination_port);
  if (ends.source.is_v4() && ends.destination.is_v4())
    return make_key4(__builtin_bswap32(ends.source.v4()), __builtin_bswap32(ends.destination.v4()), ports, ends.protocol,
                     source_is_high);
  return key6_of(ends.source, ends.destination, ports, ends.protocol, source_is_high);
}

} // namespace sekisho::flow
