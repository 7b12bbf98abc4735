#include "gateway/smtp/outward.hh"

#include "base/text.hh"
#include "gateway/smtp/line_ends.hh"

namespace sekisho::smtp {

Shape shape_of(Bytes text) {
  Shape shape;
  const std::string_view all = as_chars(text);
  shape.eight_bit = !is_ascii(all);
  shape.good = has_only_crlf(text, max_outward_line + 2) && (all.empty() || all.ends_with("\r\n")) &&
               all.find('\0') == std::string_view::npos;
  return shape;
}

bool is_path_safe(std::string_view address) {
  constexpr std::size_t most = 512; // more than any mailbox has, RFC 5321 §4.5.3.1
  if (address.size() > most) return false;
  bool is_quoted = false; // only at its beginning, RFC 5321 §4.1.2
  for (std::size_t i = 0; i < address.size(); ++i) {
    const bool is_escaped = is_quoted && address[i] == '\\' && i + 1 < address.size();
    if (is_escaped) ++i;
    const char c = address[i];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
    if (is_escaped) continue;
    if (c == '"') {
      if (!is_quoted && i > 0) return false;
      is_quoted = !is_quoted;
    } else if (!is_quoted && std::string_view("<> \\").find(c) != std::string_view::npos) {
      return false;
    }
  }
  return !is_quoted;
}

} // namespace sekisho::smtp
