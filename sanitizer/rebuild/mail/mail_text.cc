#include "sanitizer/rebuild/mail/mail_text.hh"

#include <algorithm>

namespace sekisho::rebuild {

std::size_t visible_characters(std::string_view text, std::size_t most) {
  std::size_t count = 0;
  for (char c : text) { // octets that begin a character and are no white space
    count += c != ' ' && c != '\n' && c != '\t' && (c & 0xc0) != 0x80;
    if (count == most) break;
  }
  return count;
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::ranges::count_if(utf8, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string_view beginning_of(std::string_view utf8, std::size_t characters) {
  std::size_t end = 0;
  for (; end < utf8.size(); ++end)
    if ((utf8[end] & 0xc0) != 0x80 && characters-- == 0) break;
  return utf8.substr(0, end);
}

std::string quoted(std::string_view text) {
  std::string result;
  result.reserve(text.size() + text.size() / 16);
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    result += text.starts_with('>') ? ">" : "> ";
    result += text.substr(0, end);
    text.remove_prefix(end);
  }
  return result;
}

std::string cut_to(std::string text, std::size_t octets) {
  if (text.size() <= octets) return text;
  while (octets > 0 && (text[octets] & 0xc0) == 0x80)
    octets--;
  text.resize(octets);
  return text;
}

bool take_pgp_signature(std::string &text) {
  constexpr std::string_view begin = "-----BEGIN PGP SIGNED MESSAGE-----\n";
  constexpr std::string_view signature = "-----BEGIN PGP SIGNATURE-----";
  constexpr std::string_view end = "-----END PGP SIGNATURE-----";
  std::size_t start = text.find(begin);
  if (start == std::string::npos) return false;
  std::size_t stop = text.find(signature, start);
  std::size_t content = text.find("\n\n", start);
  if (stop == std::string::npos || content == std::string::npos || content > stop) return false;
  std::size_t behind = text.find(end, stop);
  behind = behind == std::string::npos ? text.size() : behind + end.size();
  std::string kept = text.substr(0, start);
  for (std::size_t at = content + 2; at < stop;) { // "- " hides a line that begins with '-'
    std::size_t next = std::min(text.find('\n', at), stop - 1) + 1;
    if (text.compare(at, 2, "- ") == 0) at += 2;
    kept.append(text, at, next - at);
    at = next;
  }
  text = kept + text.substr(behind);
  return true;
}

} // namespace sekisho::rebuild
