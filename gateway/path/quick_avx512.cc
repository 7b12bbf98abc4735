// Sixteen packets at a time, one in each 32-bit lane.  Sixteen octets of each packet (or flow entry) are loaded
// into four registers, four packets to a register, and turned:
//
//   part[0]  0.a 0.b 0.c 0.d | 4.a 4.b 4.c 4.d | 8.a … | 12.a …          word[0]  0.a 1.a 2.a 3.a 4.a … 15.a
//   part[1]  1.a 1.b 1.c 1.d | 5.a …                                →    word[1]  0.b 1.b …
//   part[2]  2.a …                                                       word[2]  0.c …
//   part[3]  3.a …                                                       word[3]  0.d …      (packet.word)
//
// Then every step of plain.cc and screen.cc is one instruction for sixteen packets, and a check is a bit in a mask.
// What is kept 16 octets a packet (keys, fronts of frames) is turned back before it is written.
#include "gateway/path/quick_avx512.hh"

#include "base/vectors.hh"

#if defined(__x86_64__)

#define SEKISHO_WIDE __attribute__((target("avx512f,avx512cd,avx512bw,avx512dq,avx512vl,bmi2")))
#define SEKISHO_WIDE_INLINE SEKISHO_WIDE __attribute__((always_inline)) inline

namespace sekisho::path {
namespace {

constexpr std::size_t lanes = 16;

SEKISHO_WIDE_INLINE __m512i all(std::uint32_t value) { return _mm512_set1_epi32(static_cast<int>(value)); }
SEKISHO_WIDE_INLINE __m512i load(const void *at) { return _mm512_load_si512(at); }
SEKISHO_WIDE_INLINE void store(void *at, __m512i value) { _mm512_store_si512(at, value); }
SEKISHO_WIDE_INLINE __m512i low16(__m512i words) { return _mm512_and_si512(words, all(0xffff)); }
SEKISHO_WIDE_INLINE __m512i low8(__m512i words) { return _mm512_and_si512(words, all(0xff)); }
SEKISHO_WIDE_INLINE __m512i high16(__m512i words) { return _mm512_srli_epi32(words, 16); }
SEKISHO_WIDE_INLINE __m512i reversed(__m512i words) { // the octets of each
  const __m128i order = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
  return _mm512_shuffle_epi8(words, _mm512_broadcast_i32x4(order));
}

/// Sixteen octets from each of four addresses.
SEKISHO_WIDE_INLINE __m512i four(const std::byte *a, const std::byte *b, const std::byte *c,
                                 const std::byte *d) {
  const auto *at = reinterpret_cast<const __m128i *>(a);
  __m512i part = _mm512_castsi128_si512(_mm_loadu_si128(at));
  part = _mm512_inserti32x4(part, _mm_loadu_si128(reinterpret_cast<const __m128i *>(b)), 1);
  part = _mm512_inserti32x4(part, _mm_loadu_si128(reinterpret_cast<const __m128i *>(c)), 2);
  return _mm512_inserti32x4(part, _mm_loadu_si128(reinterpret_cast<const __m128i *>(d)), 3);
}

struct Words {
  __m512i word[4];
};

/// The four words at `offset` from sixteen addresses.
SEKISHO_WIDE_INLINE Words words_at(const std::byte *const *from, std::size_t offset) {
  __m512i part[4];
#pragma GCC unroll 4 // else they pass through memory
  for (std::size_t i = 0; i < 4; ++i)
    part[i] = four(from[i] + offset, from[4 + i] + offset, from[8 + i] + offset, from[12 + i] + offset);
  __m512i ab01 = _mm512_unpacklo_epi32(part[0], part[1]), cd01 = _mm512_unpackhi_epi32(part[0], part[1]);
  __m512i ab23 = _mm512_unpacklo_epi32(part[2], part[3]), cd23 = _mm512_unpackhi_epi32(part[2], part[3]);
  return {{_mm512_unpacklo_epi64(ab01, ab23), _mm512_unpackhi_epi64(ab01, ab23),
           _mm512_unpacklo_epi64(cd01, cd23), _mm512_unpackhi_epi64(cd01, cd23)}};
}

/// The other way: 16 octets a packet, packet after packet.
SEKISHO_WIDE_INLINE void store_turned(void *at, __m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
  const __m512i high = _mm512_add_epi32(low, all(8));
  const __m512i low64 = _mm512_set_epi64(11, 3, 10, 2, 9, 1, 8, 0);
  const __m512i high64 = _mm512_set_epi64(15, 7, 14, 6, 13, 5, 12, 4);
  __m512i ab0 = _mm512_permutex2var_epi32(a, low, b), ab8 = _mm512_permutex2var_epi32(a, high, b);
  __m512i cd0 = _mm512_permutex2var_epi32(c, low, d), cd8 = _mm512_permutex2var_epi32(c, high, d);
  auto *to = static_cast<__m512i *>(at);
  store(to, _mm512_permutex2var_epi64(ab0, low64, cd0));
  store(to + 1, _mm512_permutex2var_epi64(ab0, high64, cd0));
  store(to + 2, _mm512_permutex2var_epi64(ab8, low64, cd8));
  store(to + 3, _mm512_permutex2var_epi64(ab8, high64, cd8));
}

SEKISHO_WIDE_INLINE void store_bits(bool *at, __mmask16 bits) {
  _mm_storeu_si128(reinterpret_cast<__m128i *>(at), _mm_maskz_set1_epi8(bits, 1));
}

SEKISHO_WIDE_INLINE __mmask16 bits_of(const bool *at) {
  return _mm_test_epi8_mask(_mm_loadu_si128(reinterpret_cast<const __m128i *>(at)), _mm_set1_epi8(1));
}

/// A 32-bit word of each of sixteen frames; six a frame.
SEKISHO_WIDE_INLINE __m512i frame_words(const port::Frame *frames, std::uint32_t word) {
  static_assert(sizeof(port::Frame) == 24);
  __m512i at = _mm512_add_epi32(
      _mm512_set_epi32(90, 84, 78, 72, 66, 60, 54, 48, 42, 36, 30, 24, 18, 12, 6, 0), all(word));
  __m512i part[6];
#pragma GCC unroll 6
  for (std::size_t i = 0; i < 6; ++i) part[i] = _mm512_loadu_si512(reinterpret_cast<const std::byte *>(frames) + 64 * i);
  // Of an index five bits count: which of 32 words in two registers.
  __m512i words = _mm512_permutex2var_epi32(part[0], at, part[1]);
  words = _mm512_mask_mov_epi32(words, 0x07e0, _mm512_permutex2var_epi32(part[2], at, part[3]));
  return _mm512_mask_mov_epi32(words, 0xf800, _mm512_permutex2var_epi32(part[4], at, part[5]));
}

/// Whether the five words of an IPv4 header sum to 0xffff (RFC 1071).
SEKISHO_WIDE_INLINE __mmask16 right_sums(__mmask16 which, __m512i a, __m512i b, __m512i c, __m512i d, __m512i e) {
  __m512i sum = _mm512_add_epi32(low16(a), high16(a));
  for (__m512i word : {b, c, d, e}) sum = _mm512_add_epi32(sum, _mm512_add_epi32(low16(word), high16(word)));
  sum = _mm512_add_epi32(low16(sum), high16(sum));
  sum = _mm512_add_epi32(low16(sum), high16(sum));
  return _mm512_mask_cmpeq_epi32_mask(which, sum, all(0xffff));
}

SEKISHO_WIDE_INLINE void read_sixteen(const port::Frame *frames, std::size_t base, std::uint64_t own_mac,
                                      PlainRows &rows) {
  const std::byte *data[lanes];
  for (std::size_t i = 0; i < lanes; ++i) data[i] = frames[i].data;
  const Words at0 = words_at(data, 0), at6 = words_at(data, 6), at22 = words_at(data, 22), at38 = words_at(data, 38);
  const __m512i ethertype = at6.word[1], ipv4 = at6.word[2], fragment = at6.word[3], ttl = at22.word[0],
                source = at22.word[1], destination = at22.word[2], ports = at22.word[3], offset = at38.word[2];

  const __m512i frame_length = frame_words(frames, offsetof(port::Frame, length) / 4);
  const __m512i stripped = frame_words(frames, offsetof(port::Frame, vlan_stripped) / 4);
  static_assert(offsetof(port::Frame, length) == 8 && offsetof(port::Frame, vlan_stripped) == 12);
  const __m512i total = low16(reversed(ipv4));
  const __m512i length = _mm512_add_epi32(total, all(wire::ethernet_size));
  __mmask16 plain = _mm512_cmpge_epu32_mask(frame_length, all(least_plain));
  plain = _mm512_mask_testn_epi32_mask(plain, stripped, all(0xff));
  plain = _mm512_mask_testn_epi32_mask(plain, _mm512_or_si512(at0.word[0], at6.word[0]), all(1)); // groups' MACs
  plain = _mm512_mask_cmpeq_epi32_mask(plain, high16(ethertype), all(0x0008));
  plain = _mm512_mask_cmpeq_epi32_mask(plain, _mm512_and_si512(ipv4, all(0xff)), all(0x45));
  plain = _mm512_mask_cmple_epu32_mask(plain, length, frame_length);
  plain = _mm512_mask_testn_epi32_mask(plain, fragment, all(0xff3f0000));
  plain = _mm512_mask_cmpgt_epu32_mask(plain, _mm512_and_si512(ttl, all(0xff)), all(1));
  plain = right_sums(plain, ipv4, fragment, ttl, source, destination);

  const __m512i protocol = _mm512_and_si512(ttl, all(0xff00));
  const __m512i header = _mm512_srli_epi32(_mm512_and_si512(offset, all(0xf0)), 2);
  const __m512i sequence = reversed(at38.word[0]);
  __mmask16 tcp = _mm512_mask_cmpeq_epi32_mask(plain, protocol, all(6 << 8));
  tcp = _mm512_mask_cmpge_epu32_mask(tcp, header, all(20));
  tcp = _mm512_mask_cmple_epu32_mask(tcp, _mm512_add_epi32(header, all(20)), total);
  __mmask16 udp = _mm512_mask_cmpeq_epi32_mask(plain, protocol, all(17 << 8));
  udp = _mm512_mask_cmpeq_epi32_mask(udp, _mm512_add_epi32(high16(sequence), all(20)), total); // its length
  udp = _mm512_mask_cmpge_epu32_mask(udp, total, all(28));
  plain = _kor_mask16(tcp, udp);

  const __m512i to_back = low16(at0.word[1]);
  __mmask16 addressed = _mm512_mask_cmpeq_epi32_mask(plain, at0.word[0], all(static_cast<std::uint32_t>(own_mac)));
  addressed = _mm512_mask_cmpeq_epi32_mask(addressed, to_back, all(own_mac >> 32 & 0xffff));
  rows.plain |= std::uint64_t{plain} << base;
  rows.addressed |= std::uint64_t{addressed} << base;
  rows.padded |= std::uint64_t{_mm512_mask_cmpneq_epi32_mask(plain, length, frame_length)} << base;

  const __mmask16 source_is_high = _mm512_cmpgt_epu32_mask(source, destination);
  store_turned(&rows.keys[base], _mm512_or_si512(protocol, all(4)),
               _mm512_mask_mov_epi32(source, source_is_high, destination),
               _mm512_mask_mov_epi32(destination, source_is_high, source),
               _mm512_mask_rol_epi32(ports, source_is_high, ports, 16));
  store_bits(&rows.source_is_high[base], source_is_high);
  store(&rows.lengths[base], length);
  store(&rows.source_mac_front[base], at6.word[0]);
  store(&rows.source_mac_back[base], low16(ethertype));
  store(&rows.heads[base], _mm512_or_si512(high16(ethertype), _mm512_slli_epi32(ipv4, 16)));

  // As after_hop().
  __m512i checksum = _mm512_add_epi32(high16(ttl), all(1));
  checksum = _mm512_mask_add_epi32(checksum, _mm512_cmpge_epu32_mask(checksum, all(0xffff)), checksum, all(1));
  const __m512i hop = low16(_mm512_sub_epi32(ttl, all(1)));
  store(&rows.hops[base], _mm512_or_si512(hop, _mm512_slli_epi32(checksum, 16)));

  const __m512i data_length = _mm512_sub_epi32(total, _mm512_add_epi32(header, all(20)));
  store(&rows.ends[base], _mm512_add_epi32(sequence, data_length));
  store(&rows.acknowledgements[base], reversed(at38.word[1]));
  store(&rows.windows[base], low16(reversed(offset)));
  constexpr std::uint32_t of_interest =
      wire::tcp_flag::ack | wire::tcp_flag::syn | wire::tcp_flag::rst | wire::tcp_flag::fin;
  store_bits(&rows.is_mere_ack[base],
             _mm512_cmpeq_epi32_mask(_mm512_and_si512(offset, all(of_interest << 8)), all(wire::tcp_flag::ack << 8)));
}

/// The MACs of sixteen neighbours, four octets and two, and who is pinned; of those not in `which` nothing.
struct Macs {
  __m512i front, back;
  __mmask16 pinned;
};
SEKISHO_WIDE_INLINE Macs macs_of(const Neighbour *neighbours, __mmask16 which, __m512i index) {
  static_assert(sizeof(Neighbour) == 36 && offsetof(Neighbour, mac) == 16 && offsetof(Neighbour, pinned) == 23);
  const auto *macs = reinterpret_cast<const std::byte *>(neighbours) + offsetof(Neighbour, mac);
  __m512i place = _mm512_add_epi32(index, _mm512_slli_epi32(index, 3)); // nine words each
  __m512i zero = _mm512_setzero_si512();
  __m512i first = _mm512_mask_i32gather_epi64(zero, static_cast<__mmask8>(which), _mm512_castsi512_si256(place), macs, 4);
  __m512i second = _mm512_mask_i32gather_epi64(zero, static_cast<__mmask8>(which >> 8),
                                               _mm512_extracti64x4_epi64(place, 1), macs, 4);
  const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
  __m512i back = _mm512_permutex2var_epi32(first, _mm512_add_epi32(even, all(1)), second);
  return {_mm512_permutex2var_epi32(first, even, second), low16(back),
          _mm512_test_epi32_mask(back, all(0xff000000))};
}

/// As Neighbours::is_fresh() of those that are not pinned.
SEKISHO_WIDE_INLINE __mmask16 fresh_ones(const Neighbour *neighbours, __mmask16 which, __m512i index,
                                         std::uint32_t seconds) {
  static_assert(offsetof(Neighbour, known) == 24 && offsetof(Neighbour, confirmed_at) == 28);
  const auto *at = reinterpret_cast<const std::byte *>(neighbours);
  __m512i place = _mm512_add_epi32(index, _mm512_slli_epi32(index, 3)), zero = _mm512_setzero_si512();
  __m512i known = _mm512_mask_i32gather_epi32(zero, which, place, at + offsetof(Neighbour, known), 4);
  __m512i confirmed = _mm512_mask_i32gather_epi32(zero, which, place, at + offsetof(Neighbour, confirmed_at), 4);
  __mmask16 fresh = _mm512_mask_test_epi32_mask(which, known, all(0xff));
  return _mm512_mask_cmplt_epu32_mask(fresh, _mm512_sub_epi32(all(seconds), confirmed), all(Neighbours::refresh_after));
}

/// The seconds of flow::timeout_of(), by State.
struct alignas(64) Timeouts {
  std::array<std::uint32_t, lanes> seconds{};
  Timeouts() {
    for (std::size_t i = 0; i < flow::state_count; ++i) seconds[i] = flow::timeout_of(static_cast<flow::State>(i));
  }
};
static_assert(flow::state_count <= lanes && rules::max_zones == lanes);

/// Where an entry has what (flow/entry.hh), in words from `last_seen` on.
namespace in_entry {
constexpr std::size_t begin = 48;
static_assert(offsetof(flow::Entry, last_seen) == begin && offsetof(flow::Entry, neighbour) == begin + 8 &&
              offsetof(flow::Entry, generation) == begin + 12 && offsetof(flow::Entry, state) == begin + 14);
constexpr std::uint32_t opener_is_high = 1u << 24, relayed = 1u << 26, dead = 1u << 27, metered = 1u << 28;
} // namespace in_entry

/// Which of four entries' keys are not those: four bits each.
SEKISHO_WIDE_INLINE std::uint64_t unlike(const std::byte *const *entries, const flow::Key *keys) {
  const __mmask16 mask = _mm512_cmpneq_epi32_mask(four(entries[0], entries[1], entries[2], entries[3]), load(keys));
  return opaque(mask) & 0xffff; // g++ 12 at -O1 takes along what stands above the sixteen bits
}

SEKISHO_WIDE_INLINE __mmask16 screen_sixteen(const Surroundings &around, __mmask16 which, std::size_t base,
                                             const PlainRows &rows, const flow::Table::Index *candidates,
                                             const Timeouts &timeouts, ScreenRows &found) {
  const __m512i candidate = _mm512_loadu_si512(candidates + base);
  which = _mm512_mask_cmpneq_epi32_mask(which, candidate, all(flow::Table::none));
  alignas(64) std::uint32_t places[lanes];
  store(places, _mm512_maskz_mov_epi32(which, candidate));
  const std::byte *entries[lanes];
  for (std::size_t i = 0; i < lanes; ++i) entries[i] = reinterpret_cast<const std::byte *>(around.entries + places[i]);

  std::uint64_t differing = unlike(entries, &rows.keys[base]) | unlike(entries + 4, &rows.keys[base + 4]) << 16 |
                            unlike(entries + 8, &rows.keys[base + 8]) << 32 | unlike(entries + 12, &rows.keys[base + 12]) << 48;
  differing |= differing >> 1;
  differing |= differing >> 2;
  which &= static_cast<__mmask16>(~_pext_u64(differing, 0x1111111111111111));

  const Words entry = words_at(entries, in_entry::begin);
  const __m512i last_seen = entry.word[0], flags = entry.word[1], neighbours = entry.word[2], standing = entry.word[3];
  which = _mm512_mask_testn_epi32_mask(which, flags, all(in_entry::relayed | in_entry::dead | in_entry::metered));
  which = _mm512_mask_cmpeq_epi32_mask(which, low16(standing), all(around.generation));
  const __m512i state = _mm512_and_si512(high16(standing), all(0xff));
  const __m512i age = _mm512_sub_epi32(all(around.seconds), last_seen);
  which = _mm512_mask_cmple_epu32_mask(which, age, _mm512_permutexvar_epi32(state, load(timeouts.seconds.data())));

  const __mmask16 source_is_high = bits_of(&rows.source_is_high[base]);
  const __mmask16 is_answerer =
      _kxor_mask16(source_is_high, _mm512_test_epi32_mask(flags, all(in_entry::opener_is_high)));
  const __m512i opener_zone = _mm512_and_si512(_mm512_srli_epi32(standing, 24), all(0xf));
  const __m512i answerer_zone = _mm512_srli_epi32(standing, 28);
  const __m512i zone = _mm512_mask_mov_epi32(opener_zone, is_answerer, answerer_zone);
  const __m512i out = _mm512_mask_mov_epi32(answerer_zone, is_answerer, opener_zone);
  which = _mm512_mask_cmpeq_epi32_mask(which, zone, all(around.zone));
  const __m512i largest = _mm512_permutexvar_epi32(out, load(around.exits.largest.data()));
  which = _mm512_mask_cmple_epu32_mask(which, load(&rows.lengths[base]), largest);

  const __m512i turned = _mm512_mask_rol_epi32(neighbours, is_answerer, neighbours, 16);
  const __m512i sender = low16(turned), next = high16(turned);
  which = _mm512_mask_cmpneq_epi32_mask(which, sender, all(Neighbours::none));
  which = _mm512_mask_cmpneq_epi32_mask(which, next, all(Neighbours::none));
  const Macs from = macs_of(around.neighbours, which, sender), to = macs_of(around.neighbours, which, next);
  __mmask16 wrong = _mm512_cmpneq_epi32_mask(from.front, load(&rows.source_mac_front[base]));
  wrong = _kor_mask16(wrong, _mm512_cmpneq_epi32_mask(from.back, load(&rows.source_mac_back[base])));
  which = _kandn_mask16(_kand_mask16(wrong, from.pinned), which);
  const __mmask16 learnt = _kandn_mask16(to.pinned, which);
  if (learnt != 0 && !around.is_replay)
    which = _kor_mask16(_kandn_mask16(learnt, which), fresh_ones(around.neighbours, learnt, next, around.seconds));

  store_turned(&found.fronts[base], to.front,
               _mm512_or_si512(to.back, _mm512_permutexvar_epi32(out, load(around.exits.mac_front.data()))),
               _mm512_permutexvar_epi32(out, load(around.exits.mac_back.data())),
               load(&rows.heads[base]));
  store_bits(&found.is_answerer[base], is_answerer);
  _mm512_mask_cvtepi32_storeu_epi8(&found.places[base], which, _mm512_add_epi32(out, out));
  return which;
}

/// flow::TcpEnd of sixteen packets' flows.
struct WideEnd {
  __m512i next, limit, window_and_scale;
  SEKISHO_WIDE_INLINE __m512i scaled(__m512i window) const {
    return _mm512_sllv_epi32(window, _mm512_and_si512(high16(window_and_scale), all(0xff)));
  }
  SEKISHO_WIDE_INLINE __m512i widest() const { return scaled(low16(window_and_scale)); }
};

SEKISHO_WIDE_INLINE WideEnd one_of(__mmask16 second, const WideEnd &a, const WideEnd &b) {
  return {_mm512_mask_mov_epi32(a.next, second, b.next), _mm512_mask_mov_epi32(a.limit, second, b.limit),
          _mm512_mask_mov_epi32(a.window_and_scale, second, b.window_and_scale)};
}

/// flow::is_in_window()
SEKISHO_WIDE_INLINE __mmask16 in_window(const WideEnd &sender, const WideEnd &receiver, __m512i end,
                                        __m512i acknowledgement) {
  const __m512i last = _mm512_add_epi32(sender.limit, all(1));
  const __m512i sendable = _mm512_add_epi32(_mm512_sub_epi32(last, sender.next), _mm512_add_epi32(receiver.widest(), all(2)));
  const __mmask16 is_sendable = _mm512_cmple_epu32_mask(_mm512_sub_epi32(last, end), sendable);
  return _mm512_mask_cmple_epu32_mask(is_sendable, _mm512_sub_epi32(receiver.next, acknowledgement),
                                      _mm512_add_epi32(sender.widest(), all(1 << 16)));
}

/// flow::note_segment()
SEKISHO_WIDE_INLINE void note(WideEnd &sender, WideEnd &receiver, __m512i end, __m512i acknowledgement, __m512i window) {
  const __m512i none = _mm512_setzero_si512();
  sender.next = _mm512_mask_mov_epi32(sender.next, _mm512_cmpgt_epi32_mask(_mm512_sub_epi32(end, sender.next), none), end);
  sender.window_and_scale = _mm512_max_epu16(sender.window_and_scale, window);
  const __m512i permitted = _mm512_add_epi32(acknowledgement, sender.scaled(window));
  receiver.limit = _mm512_mask_mov_epi32(
      receiver.limit, _mm512_cmpgt_epi32_mask(_mm512_sub_epi32(permitted, receiver.limit), none), permitted);
}

} // namespace

SEKISHO_WIDE Passed pass_avx512(flow::Entry *entries, std::uint32_t seconds, std::uint32_t packets, std::size_t base,
                                const PlainRows &rows, const flow::Table::Index *candidates, const ScreenRows &found,
                                port::Frame *frames) {
  using flow::Entry, flow::TcpEnd, flow::State;
  static_assert(offsetof(Entry, volume) == 16 && offsetof(Entry, tcp) == 24 && offsetof(TcpEnd, limit) == 4 &&
                offsetof(TcpEnd, window) == 8 && offsetof(TcpEnd, scale) == 10);
  auto which = static_cast<__mmask16>(packets);
  const __m512i candidate = _mm512_mask_mov_epi32(all(flow::Table::none), which, _mm512_loadu_si512(candidates + base));
  const __m512i earlier = _mm512_conflict_epi32(candidate);
  which = _mm512_mask_testn_epi32_mask(which, earlier, earlier);
  const __m512i place = _mm512_maskz_mov_epi32(which, candidate);
  alignas(64) std::uint32_t places[lanes];
  store(places, place);
  const std::byte *from[lanes];
  for (std::size_t i = 0; i < lanes; ++i) from[i] = reinterpret_cast<const std::byte *>(entries + places[i]);
  const Words front = words_at(from, 16), back = words_at(from, 32);
  const Words rest = words_at(from, in_entry::begin);
  const __m512i state = low8(high16(rest.word[3]));

  const __mmask16 is_answerer = bits_of(&found.is_answerer[base]), is_mere_ack = bits_of(&rows.is_mere_ack[base]);
  const WideEnd opener{front.word[2], front.word[3], back.word[0]}, answerer{back.word[1], back.word[2], back.word[3]};
  WideEnd sent = one_of(is_answerer, opener, answerer), permitted = one_of(is_answerer, answerer, opener);
  const __m512i end = load(&rows.ends[base]), acknowledgement = load(&rows.acknowledgements[base]),
                length = load(&rows.lengths[base]);
  const __mmask16 fits = _kand_mask16(in_window(sent, permitted, end, acknowledgement), is_mere_ack);
  const __mmask16 is_tcp = _mm512_mask_cmpeq_epi32_mask(fits, state, all(static_cast<std::uint32_t>(State::established)));
  const __mmask16 is_other = _mm512_cmpge_epu32_mask(state, all(static_cast<std::uint32_t>(State::one_way)));
  which = _kand_mask16(which, _kor_mask16(is_tcp, is_other));
  which = _mm512_mask_testn_epi32_mask(which, rest.word[1], all(in_entry::dead));
  which = _mm512_mask_cmplt_epu32_mask(which, front.word[1], all(0xfff00000)); // Volume::is_full()
  note(sent, permitted, end, acknowledgement, load(&rows.windows[base]));

  const WideEnd opener_after = one_of(is_answerer, sent, permitted), answerer_after = one_of(is_answerer, permitted, sent);
  const __m512i octets = _mm512_add_epi32(front.word[0], length); // Volume::add()
  __m512i counts = _mm512_add_epi32(front.word[1], all(1 << 16));
  counts = _mm512_mask_add_epi32(counts, _mm512_cmplt_epu32_mask(octets, length), counts, all(1));
  alignas(64) __m128i fronts[lanes], backs[lanes];
  store_turned(fronts, octets, counts, opener_after.next, opener_after.limit);
  store_turned(backs, opener_after.window_and_scale, answerer_after.next, answerer_after.limit,
               answerer_after.window_and_scale);

  Entry nobody; // in whose place those are written who do not pass
  std::byte nowhere[64];
#pragma GCC unroll 4
  for (std::size_t i = 0; i < lanes; ++i) {
    const bool passes = which >> i & 1;
    std::byte *entry = reinterpret_cast<std::byte *>(passes ? entries + places[i] : &nobody);
    _mm_storeu_si128(reinterpret_cast<__m128i *>(entry + 16), fronts[i]);
    _mm_storeu_si128(reinterpret_cast<__m128i *>(entry + 32), backs[i]);
    std::memcpy(entry + offsetof(Entry, last_seen), &seconds, sizeof seconds);
    std::byte *frame = passes ? frames[base + i].data : nowhere;
    std::memcpy(frame, &found.fronts[base + i], sizeof found.fronts[base + i]);
    std::memcpy(frame + in_frame::ttl, &rows.hops[base + i], sizeof rows.hops[base + i]);
  }
  const __mmask16 are_answers = _mm512_mask_cmpeq_epi32_mask(_kand_mask16(which, is_answerer), state, all(static_cast<std::uint32_t>(State::one_way)));
  for (unsigned answers = are_answers; answers != 0; answers &= answers - 1)
    entries[places[std::countr_zero(answers)]].state = State::two_way;

  const __m512i doors = _mm512_sllv_epi32(all(1), _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i *>(&found.places[base]))));
  return {which, static_cast<std::uint32_t>(_mm512_mask_reduce_or_epi32(which, doors)),
          static_cast<std::uint32_t>(_mm512_mask_reduce_add_epi32(which, length))};
}

SEKISHO_WIDE void read_plain_avx512(std::span<const port::Frame> frames, std::uint64_t own_mac, PlainRows &rows) {
  rows.plain = rows.addressed = rows.ipv6 = rows.padded = 0;
  std::size_t base = 0;
  for (; base + lanes <= frames.size(); base += lanes) {
    for (std::size_t i = base + lanes; i < std::min(base + 2 * lanes, frames.size()); ++i)
      __builtin_prefetch(frames[i].data);
    read_sixteen(&frames[base], base, own_mac, rows);
  }
  if (base == frames.size()) return;
  std::array<port::Frame, lanes> rest; // and some that are too short
  rest.fill({.data = frames[base].data});
  std::ranges::copy(frames.subspan(base), rest.begin());
  read_sixteen(rest.data(), base, own_mac, rows);
}

SEKISHO_WIDE std::uint64_t screen_avx512(const Surroundings &around, std::uint64_t which, const PlainRows &rows,
                                         const flow::Table::Index *candidates, ScreenRows &found) {
  static const Timeouts timeouts;
  which &= rows.plain & (rows.addressed | -std::uint64_t{around.is_lenient});
  std::uint64_t quick = 0;
  for (std::size_t base = 0; base < burst_size; base += lanes)
    if (auto group = static_cast<__mmask16>(which >> base); group != 0)
      quick |= std::uint64_t{screen_sixteen(around, group, base, rows, candidates, timeouts, found)} << base;
  return quick;
}

} // namespace sekisho::path
#endif
