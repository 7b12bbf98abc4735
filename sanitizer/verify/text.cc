#include "base/everyday.hh"
#include "base/utf8.hh"
#include "sanitizer/verify/characters.hh"
#include "sanitizer/verify/verify.hh"

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

bool is_clean_text(std::string_view text) {
  while (!text.empty()) {
    text.remove_prefix(utf8_everyday(text));
    std::size_t position = 0;
    for (unsigned others = 0; others < 8 && position < text.size(); ++others) { // they come in groups
      const char32_t c = utf8_next(text, position);
      if (c == utf8_invalid || (c != '\t' && c != '\n' && is_forbidden(c))) return false;
    }
    text.remove_prefix(position);
  }
  return true;
}

Result<CleanPart, Reason> Verifier::accept_text(Untrusted<std::string> text) {
  const std::string &untrusted = text.untrusted_value();
  if (!is_clean_text(untrusted)) return fail(Reason::part_verify_failed);
  return CleanPart(job::Kind::text, to_buffer(untrusted));
}

} // namespace sekisho::verify
