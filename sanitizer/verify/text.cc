#include "base/utf8.hh"
#include "sanitizer/verify/characters.hh"
#include "sanitizer/verify/verify.hh"

#include <array>

namespace sekisho::verify {

namespace {

/// Fillers, format characters without a shape, annotations.  The joiners U+200C and U+200D stay:
/// emoji and Indic scripts are written with them.
bool is_invisible(char32_t c) {
  switch (c) {
  case 0x00ad:
  case 0x034f:
  case 0x115f:
  case 0x1160:
  case 0x17b4:
  case 0x17b5:
  case 0x180e:
  case 0x200b:
  case 0x3164:
  case 0xffa0: return true;
  default:
    return (c >= 0x2060 && c <= 0x206f) || (c >= 0xfff0 && c <= 0xfffb) ||
           (c >= 0x1bca0 && c <= 0x1bca3) || (c >= 0x1d173 && c <= 0x1d17a) ||
           (c >= 0xe0000 && c <= 0xe00ff);
  }
}

} // namespace

// Bidirectional controls: UAX #9 §2.
bool is_forbidden(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || is_invisible(c)) return true;
  switch (c) {
  case 0x061c: // ARABIC LETTER MARK
  case 0x200e:
  case 0x200f: // LRM, RLM
  case 0x202a:
  case 0x202b:
  case 0x202c:
  case 0x202d:
  case 0x202e: // embeddings, overrides
  case 0x2028:
  case 0x2029: // line ends that are none here
  case 0xfeff: return true;
  default: return (c & 0xfffe) == 0xfffe; // noncharacters
  }
}

namespace {

/// Second octets of U+3000–U+30FF and U+4E00–U+9FFF, a bit each, by the first octet's lower half.
constexpr std::array<std::uint64_t, 16> make_everyday() {
  std::array<std::uint64_t, 16> second{};
  second[0x3] = 0xf;
  second[0x4] = std::uint64_t{0xff} << 0x38;
  for (std::size_t first = 0x5; first <= 0x9; ++first)
    second[first] = ~std::uint64_t{0};
  return second;
}
constexpr std::array<std::uint64_t, 16> everyday = make_everyday();

/// Moves past ASCII, and past U+3000–U+30FF and U+4E00–U+9FFF, which hold nothing forbidden and have one form of three
/// octets each: most of most texts.
bool is_everyday(std::string_view text, std::size_t &position) {
  const char *at = text.data() + position, *const start = at, *const end = text.data() + text.size();
  const auto octet = [&](int ahead) { return std::uint32_t{static_cast<unsigned char>(at[ahead])}; };
  for (;;) {
    while (at != end && ((octet(0) >= 0x20 && octet(0) < 0x7f) || octet(0) == '\n'))
      at++;
    const char *const run = at;
    for (; end - at >= 4; at += 3) {
      const std::uint32_t word = octet(0) | octet(1) << 8 | octet(2) << 16 | octet(3) << 24; // one load
      const bool form = (word & 0x00c0c0f0) == 0x008080e0;
      if (!form || (everyday[word & 0xf] >> (word >> 8 & 0x3f) & 1) == 0) break;
    }
    if (at == run) break;
  }
  position += static_cast<std::size_t>(at - start);
  return at != start;
}

} // namespace

Result<CleanPart, Reason> Verifier::accept_text(Untrusted<std::string> text) {
  const std::string &untrusted = text.untrusted_value();
  for (std::size_t position = 0; position < untrusted.size();) {
    if (is_everyday(untrusted, position)) continue;
    char32_t c = utf8_next(untrusted, position);
    if (c == '\t' || c == '\n') continue;
    if (c == utf8_invalid || is_forbidden(c)) return fail(Reason::part_verify_failed);
  }
  return CleanPart(job::Kind::text, to_buffer(untrusted));
}

} // namespace sekisho::verify
