#include "sanitizer/rebuild/mail/mail_text.hh"

#include "base/text.hh"
#include "base/utf8.hh"

#include <algorithm>
#include <initializer_list>

namespace sekisho::rebuild {
namespace {

/// Without blanks around it.
std::string_view take_line(std::string_view &text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(line);
}

/// By its first octets.
bool may_begin_quoted_mail(std::string_view line) {
  switch (line.front()) {
  case '-': case '_': case 'B': case '*': case 'F': case ' ': case '\t': return true;
  case '\xe5': return line.starts_with("差");
  case '\xe8': return line.starts_with("転");
  case '\xe9': return line.starts_with("送");
  default: return false;
  }
}

/// `words`: in small letters.
bool holds_any(std::string_view line, std::initializer_list<std::string_view> words) {
  const std::string small = lower_case(line.substr(0, 200));
  return std::ranges::any_of(words, [&](std::string_view word) { return small.find(word) != small.npos; });
}

/// As in the header of a mail; programs write its name between asterisks where it was bold.
bool is_field(std::string_view line, std::initializer_list<std::string_view> names) {
  if (line.starts_with('*')) line.remove_prefix(1);
  return std::ranges::any_of(names, [&](std::string_view name) {
    if (!line.starts_with(name)) return false;
    const std::string_view rest = trimmed(line.substr(name.size()), " *");
    return rest.starts_with(':') || rest.starts_with("：");
  });
}

} // namespace

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

bool has_quote_mark(std::string_view line) {
  constexpr std::u32string_view marks = U"|｜│┃¦＞›»≫";
  std::size_t columns = 0;
  for (std::size_t next = 0; next < line.size() && columns < 4;) {
    const char32_t c = utf8_next(line, next);
    if ((c > ' ' && c < '|') || (c > 0x3000 && c < 0xff00)) return false; // most lines
    if (marks.find(c) != marks.npos) return true;
    if (c != ' ' && c != '\t' && c != 0xa0 && c != 0x3000) return false;
    columns += c == '\t' ? 4 : c == 0x3000 ? 2 : 1;
  }
  return columns >= 4;
}

bool begins_quoted_mail(std::string_view line, std::string_view behind) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.empty() || !(may_begin_quoted_mail(line) || line.back() == ':' || line.back() == ' ')) return false; // most lines
  line = trimmed(line);
  if (line.ends_with(" wrote:") || line.ends_with("書きました:") || (line.ends_with(">:") && line.find('@') != line.npos)) return true;
  if (line.starts_with("---") || line.starts_with("___") || line.starts_with("Begin forwarded") || line.starts_with("転送された"))
    return holds_any(line, {"original message", "original appointment", "forwarded message", "元のメッセージ", "元の予定", "転送メッセージ",
                            "転送されたメッセージ"});
  if (!is_field(line, {"From", "差出人", "送信者"})) return false;
  for (unsigned lines = 0; lines < 4 && !behind.empty(); ++lines)
    if (is_field(take_line(behind), {"Sent", "Date", "To", "Subject", "送信日時", "日時", "日付", "宛先", "件名"})) return true;
  return false;
}

std::string cut_to(std::string text, std::size_t octets) {
  if (text.size() <= octets) return text;
  while (octets > 0 && (text[octets] & 0xc0) == 0x80)
    octets--;
  text.resize(octets);
  return text;
}

bool holds_pgp_message(std::string_view text) {
  const auto find_line = [&](std::string_view line, std::size_t from) {
    for (std::size_t at = from; (at = text.find(line, at)) != text.npos; ++at)
      if ((at == 0 || text[at - 1] == '\n') && trimmed(text.substr(at, text.find('\n', at) - at)) == line) return at;
    return text.npos;
  };
  const std::size_t start = find_line("-----BEGIN PGP MESSAGE-----", 0);
  return start != text.npos && find_line("-----END PGP MESSAGE-----", start) != text.npos;
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
