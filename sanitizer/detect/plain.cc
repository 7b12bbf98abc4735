// Files made of characters: mail by its header fields, markup by its first tag, programs by their
// first line or, where every text would do, by the name under which Windows would run them.
#include "sanitizer/detect/containers.hh"

#include "base/text.hh"
#include "base/utf16.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

namespace sekisho::detect {
namespace {

using job::Kind;

constexpr std::size_t looked_at = 64u << 10; // octets at the beginning

/// The beginning; of UTF-16 its ASCII, and an octet for each other character, which are kept in `letters`.
std::string_view head_of(Bytes bytes, std::string &letters) {
  std::string_view raw = as_chars(bytes.first(std::min(bytes.size(), looked_at)));
  if (raw.starts_with("\xef\xbb\xbf")) raw.remove_prefix(3);
  const bool little = raw.starts_with("\xff\xfe"), marked = little || raw.starts_with("\xfe\xff");
  const std::optional<Utf16> order = marked ? (little ? Utf16::little : Utf16::big) : unmarked_utf16(bytes);
  if (!order) return raw;
  for (std::size_t at = marked ? 2 : 0; at + 1 < raw.size(); at += 2)
    if (const char16_t c = utf16_unit(bytes, at, *order); c != 0) letters += c < 0x80 ? static_cast<char>(c) : '\xff';
  return letters;
}

/// Octets of control characters that no text has.  ESC opens the shifts of ISO-2022-JP.
constexpr std::array<bool, 256> make_foreign() {
  std::array<bool, 256> foreign{};
  for (std::size_t octet = 0; octet < 0x20; ++octet)
    foreign[octet] = !(octet >= 0x08 && octet <= 0x0d) && octet != 0x1b;
  foreign[0x7f] = true;
  return foreign;
}
constexpr std::array<bool, 256> foreign = make_foreign();

bool is_text(std::string_view head) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  for (std::uint64_t eight; head.size() >= sizeof eight; head.remove_prefix(sizeof eight)) {
    std::memcpy(&eight, head.data(), sizeof eight);
    const std::uint64_t deleted = eight ^ 0x7f * ones;
    const bool control = ((eight - 0x20 * ones) & ~eight & highs) || ((deleted - ones) & ~deleted & highs);
    if (control && std::ranges::any_of(head.substr(0, sizeof eight),
                                       [](char c) { return foreign[static_cast<unsigned char>(c)]; }))
      return false;
  }
  return std::none_of(head.begin(), head.end(),
                      [](char c) { return foreign[static_cast<unsigned char>(c)]; });
}

bool is_field_name(std::string_view name) { // RFC 5322 §3.6.8
  return !name.empty() && name.size() <= 76 &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 32 && c < 127; });
}

constexpr std::array<std::string_view, 14> mail_fields = {
    "from",        "to",     "subject",      "date",         "message-id",   "received",
    "return-path", "sender", "delivered-to", "mime-version", "content-type", "reply-to",
    "x-mailer",    "cc"};

/// Known fields in a header that is one: every line a field or a continuation.
bool is_mail(std::string_view head) {
  if (equals_ignoring_case(head.substr(0, 5), "from ")) head.remove_prefix(std::min(head.find('\n'), head.size() - 1) + 1);
  unsigned known = 0;
  bool first = true, routed = false, ended = false;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find('\n'), head.size());
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 1, head.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) {
      ended = true;
      break;
    }
    if (line.front() == ' ' || line.front() == '\t') {
      if (first) return false;
      continue;
    }
    first = false;
    const std::size_t colon = line.find(':');
    if (colon == line.npos) break;
    std::string_view written = line.substr(0, colon);
    while (written.ends_with(' '))
      written.remove_suffix(1);
    if (!is_field_name(written)) break;
    const std::string name = lower_case(written);
    if (std::find(mail_fields.begin(), mail_fields.end(), name) != mail_fields.end()) ++known;
    if (name == "received" || name == "return-path" || name == "message-id") routed = true;
  }
  return known >= 3 || (known == 2 && (routed || ended));
}

Kind kind_of_markup(std::string_view head) {
  const auto says = [&](std::string_view tag) { return head.find(tag) != head.npos; };
  if (says("<hta:application")) return Kind::script;
  if (head.starts_with("<svg") || (head.starts_with("<?xml") && says("<svg")) ||
      says("<!doctype svg"))
    return Kind::svg;
  if (head.starts_with("<?xml")) return says("<html") ? Kind::html : Kind::xml;
  for (std::string_view tag : {"<!doctype html", "<html", "<head", "<body", "<script", "<title",
                               "<meta", "<table", "<div", "<p>", "<br", "<style", "<a ", "<iframe"})
    if (head.starts_with(tag)) return Kind::html;
  return says("<html") && says("<body") ? Kind::html : Kind::text;
}

Kind kind_by_first_line(std::string_view head) {
  struct Row {
    std::string_view start;
    Kind kind;
  };
  constexpr auto rows = std::to_array<Row>({
      {"#!", Kind::script},
      {"<?php", Kind::script},
      {"@echo off", Kind::script},
      {"windows registry editor", Kind::script},
      {"regedit4", Kind::script},
      {"[internetshortcut]", Kind::shortcut},
      {"[desktop entry]", Kind::shortcut},
      {R"(x5o!p%@ap[4\pzx54(p^)7cc)7}$)", Kind::executable}, // what virus scanners are tried with: a .com of characters
      {"begin:vcalendar", Kind::calendar},
      {"begin:vcard", Kind::vcard},
      {"-----begin pgp message", Kind::encrypted},
      {"-----begin pgp signature", Kind::signature},
      {"-----begin pkcs7", Kind::signature},
      {"-----begin cms", Kind::signature},
  });
  for (const Row &row : rows)
    if (head.starts_with(row.start)) return row.kind;
  return Kind::unknown;
}

bool is_json(std::string_view head) {
  const std::size_t last = head.find_last_not_of(" \t\r\n");
  return last != head.npos && last > 0 &&
         ((head.front() == '{' && head[last] == '}' && head.find('"') != head.npos) ||
          (head.front() == '[' && head[last] == ']' && head.find_first_of("\"{,") != head.npos));
}

bool is_csv(std::string_view head) { // RFC 4180: the same number of commas in the first lines
  std::ptrdiff_t commas = -1;
  for (unsigned lines = 0; lines < 3 && !head.empty(); ++lines) {
    const std::string_view line = head.substr(0, head.find('\n'));
    const std::ptrdiff_t here = std::count(line.begin(), line.end(), ',');
    if (here == 0 || (commas >= 0 && here != commas)) return false;
    commas = here;
    if (line.size() == head.size()) return lines > 0;
    head.remove_prefix(line.size() + 1);
  }
  return commas > 0;
}

/// Texts that Windows or macOS run when they are opened under such a name.
bool is_run_by_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos) return false;
  const std::string ending = lower_case(name.substr(dot + 1));
  for (std::string_view run : {"js",      "jse",   "vbs", "vbe",         "wsf",
                               "wsh",     "wsc",   "bat", "cmd",         "ps1",
                               "psm1",    "psc1",  "hta", "sct",         "reg",
                               "inf",     "scf",   "url", "application", "jnlp",
                               "py",      "pl",    "sh",  "command",     "applescript",
                               "scpt",    "php",   "rb",  "lua",         "ahk",
                               "au3",     "iqy",   "slk", "library-ms",  "settingcontent-ms",
                               "desktop", "mhtml", "mht", "chm",         "theme"})
    if (ending == run) return true;
  return false;
}

/// A browser shows whatever it is as a page.
bool is_page_by_name(std::string_view name) {
  const std::string small = lower_case(name);
  return small.ends_with(".html") || small.ends_with(".htm") || small.ends_with(".xhtml");
}

/// With other delimiters than commas too.
bool is_table_by_name(std::string_view name) {
  const std::string small = lower_case(name);
  return small.ends_with(".csv") || small.ends_with(".tsv");
}

} // namespace

Kind kind_of_plain(Bytes bytes, std::string_view name) {
  constexpr std::size_t first_line = 64; // octets, more than any that tells a kind
  std::string letters;
  const std::string_view head = head_of(bytes, letters);
  std::string_view seen = head;
  seen.remove_prefix(std::min(seen.find_first_not_of(" \t\r\n"), seen.size()));
  if (is_mail(seen) && !is_run_by_name(name)) return Kind::mail;
  if (!is_text(head)) return Kind::unknown;
  if (seen.empty()) return Kind::text;
  if (is_run_by_name(name)) return Kind::script;
  if (const Kind kind = kind_by_first_line(lower_case(seen.substr(0, first_line))); kind != Kind::unknown) return kind;
  if (seen.front() == '<') {
    if (const Kind kind = kind_of_markup(lower_case(seen)); kind != Kind::text) return kind;
  }
  if (is_page_by_name(name)) return Kind::html;
  if (is_json(seen)) return Kind::json;
  return is_csv(seen) || is_table_by_name(name) ? Kind::csv : Kind::text;
}

} // namespace sekisho::detect
