#include "sanitizer/rebuild/office/xml_scanner.hh"

#include "base/utf8.hh"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>

namespace sekisho::rebuild {
namespace {

constexpr std::size_t most_depth = 256, most_attributes = 128;

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

constexpr std::array<bool, 256> make_name_octets() {
  std::array<bool, 256> octets{};
  for (unsigned c = 0; c < 256; ++c)
    octets[c] = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == ':';
  return octets;
}
constexpr std::array<bool, 256> name_octets = make_name_octets();

bool begins_name(char c) {
  return name_octets[static_cast<unsigned char>(c)] && c != '-' && c != '.' && c != ':' &&
         !(c >= '0' && c <= '9');
}

/// Where the next octet stands that text cannot hold as it is: '<', '>', '&', '"' with `value`, or
/// a control character (in a value TAB and LF too, which a reader would make spaces).
template <bool value> std::size_t find_special(std::string_view text, std::size_t at) {
  const auto is_special = [](unsigned char c) {
    return c == '<' || c == '>' || c == '&' ||
           (value ? c == '"' || c < 0x20 : c < 0x20 && c != '\n' && c != '\t');
  };
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i *>(text.data() + at));
    const auto equals = [&](char c) { return _mm_cmpeq_epi8(octets, _mm_set1_epi8(c)); };
    __m128i found = _mm_or_si128(_mm_or_si128(equals('<'), equals('>')), equals('&'));
    if (value) found = _mm_or_si128(found, equals('"'));
    // Unsigned below 0x20: the minimum with 0x1f is itself.
    found = _mm_or_si128(found, _mm_cmpeq_epi8(_mm_min_epu8(octets, _mm_set1_epi8(0x1f)), octets));
    for (unsigned bits = static_cast<unsigned>(_mm_movemask_epi8(found)); bits != 0;
         bits &= bits - 1) {
      const std::size_t here = at + static_cast<std::size_t>(std::countr_zero(bits));
      if (is_special(static_cast<unsigned char>(text[here]))) return here;
    }
  }
  for (; at < text.size(); ++at)
    if (is_special(static_cast<unsigned char>(text[at]))) return at;
  return text.size();
}

bool is_xml_character(char32_t c) { // XML 1.0 §2.2
  return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c <= 0xd7ff) ||
         (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/// `at` is behind '&'; utf8_invalid where it is no reference that XML knows without a document
/// type.
char32_t reference(std::string_view text, std::size_t &at) {
  const std::size_t end = text.substr(0, std::min(text.size(), at + 12)).find(';', at);
  if (end == std::string_view::npos) return utf8_invalid;
  std::string_view name = text.substr(at, end - at);
  at = end + 1;
  if (name == "amp") return '&';
  if (name == "lt") return '<';
  if (name == "gt") return '>';
  if (name == "quot") return '"';
  if (name == "apos") return '\'';
  if (!name.starts_with('#')) return utf8_invalid;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  char32_t code = 0;
  for (const char c : name) {
    const int digit = c >= '0' && c <= '9'          ? c - '0'
                      : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : hex && c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                    : -1;
    if (digit < 0) return utf8_invalid;
    code = code * (hex ? 16 : 10) + static_cast<char32_t>(digit);
    if (code > 0x10ffff) return utf8_invalid;
  }
  return !name.empty() && is_xml_character(code) ? code : utf8_invalid;
}

void put(std::string &out, char32_t c, bool value) {
  if (c == '&')
    out += "&amp;";
  else if (c == '<')
    out += "&lt;";
  else if (c == '>')
    out += "&gt;";
  else if (c == '"' && value)
    out += "&quot;";
  else if (c == 13)
    out += "&#13;";
  else if (value && c == 10)
    out += "&#10;";
  else if (value && c == 9)
    out += "&#9;";
  else
    utf8_append(out, c);
}

template <bool value> bool append(std::string &out, std::string_view raw, bool cdata) {
  for (std::size_t at = 0;;) {
    const std::size_t special = find_special<value>(raw, at);
    out.append(raw, at, special - at);
    if (special == raw.size()) return true;
    at = special + 1;
    const char c = raw[special];
    if (c == '&' && !cdata) {
      const char32_t code = reference(raw, at);
      if (code == utf8_invalid) return false;
      put(out, code, value);
    } else if (c == '\r') { // XML 1.0 §2.11, §3.3.3
      if (at < raw.size() && raw[at] == '\n') ++at;
      out += value ? ' ' : '\n';
    } else if (value && (c == '\n' || c == '\t')) {
      out += ' ';
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return false;
    } else {
      put(out, static_cast<unsigned char>(c), value);
    }
  }
}

} // namespace

bool append_text(std::string &out, std::string_view raw, bool cdata) {
  return append<false>(out, raw, cdata);
}

bool append_value(std::string &out, std::string_view raw) {
  return append<true>(out, raw, false);
}

std::string plain(std::string_view raw) {
  std::string text;
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '&') {
      text += raw[at++];
      continue;
    }
    const char32_t code = reference(raw, ++at);
    if (code == utf8_invalid) return {};
    utf8_append(text, code);
  }
  return text;
}

XmlScanner::XmlScanner(std::string_view xml) : xml_(xml) {
  if (xml_.starts_with("\xef\xbb\xbf")) xml_.remove_prefix(3);
  if (!utf8_valid(xml_)) (void)bad();
  if (xml_.starts_with("<?xml") && xml_.size() > 5 && is_space(xml_[5]) && !declaration())
    (void)bad();
}

XmlScanner::Event XmlScanner::bad(Reason reason) {
  if (reason_ == Reason::none) reason_ = reason;
  return Event::bad;
}

/// Another encoding than UTF-8 could be read in another way by the next reader.
bool XmlScanner::declaration() {
  const std::size_t end = xml_.find("?>");
  if (end == std::string_view::npos || end > 200) return false;
  std::string said(xml_.substr(0, end));
  at_ = end + 2;
  for (char &c : said)
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const std::size_t encoding = said.find("encoding");
  return encoding == std::string::npos || said.find("utf-8", encoding) != std::string::npos ||
         said.find("us-ascii", encoding) != std::string::npos;
}

void XmlScanner::skip_space() {
  while (at_ < xml_.size() && is_space(xml_[at_]))
    ++at_;
}

std::string_view XmlScanner::take_name() {
  const std::size_t start = at_;
  if (at_ < xml_.size() && begins_name(xml_[at_]))
    while (at_ < xml_.size() && name_octets[static_cast<unsigned char>(xml_[at_])])
      ++at_;
  return xml_.substr(start, at_ - start);
}

bool XmlScanner::skip_past(std::string_view mark) {
  const std::size_t found = xml_.find(mark, at_);
  if (found == std::string_view::npos) return false;
  at_ = found + mark.size();
  return true;
}

XmlScanner::Event XmlScanner::next() {
  if (reason_ != Reason::none) return Event::bad;
  if (pending_end_) {
    pending_end_ = false;
    open_.pop_back();
    return Event::end;
  }
  for (;;) {
    position_ = at_;
    if (at_ >= xml_.size()) return open_.empty() && rooted_ ? Event::done : bad();
    if (xml_[at_] != '<') {
      const std::size_t end = std::min(xml_.find('<', at_), xml_.size());
      text_ = xml_.substr(at_, end - at_);
      at_ = end;
      cdata_ = false;
      if (!open_.empty()) return Event::text;
      if (!std::all_of(text_.begin(), text_.end(), is_space)) return bad();
      continue;
    }
    const std::string_view rest = xml_.substr(at_);
    if (rest.starts_with("</")) return end_tag();
    if (rest.starts_with("<!--")) {
      at_ += 4;
      if (!skip_past("-->")) return bad();
    } else if (rest.starts_with("<![CDATA[") && !open_.empty()) {
      const std::size_t start = at_ + 9;
      if (!skip_past("]]>")) return bad();
      text_ = xml_.substr(start, at_ - 3 - start);
      cdata_ = true;
      return Event::text;
    } else if (rest.starts_with("<!")) {
      return bad(Reason::xml_doctype);
    } else if (rest.starts_with("<?")) {
      if (!skip_past("?>")) return bad();
    } else {
      return start_tag();
    }
  }
}

bool XmlScanner::attribute() {
  const std::string_view name = take_name();
  skip_space();
  if (name.empty() || at_ + 1 >= xml_.size() || xml_[at_] != '=') return false;
  ++at_;
  skip_space();
  if (at_ >= xml_.size() || (xml_[at_] != '"' && xml_[at_] != '\'')) return false;
  const char quote = xml_[at_];
  const std::size_t start = ++at_, end = xml_.find(quote, start);
  if (end == std::string_view::npos) return false;
  at_ = end + 1;
  for (const Attribute &other : attributes_)
    if (other.name == name) return false;
  attributes_.push_back({name, xml_.substr(start, end - start)});
  return attributes_.back().value.find('<') == std::string_view::npos &&
         attributes_.size() <= most_attributes;
}

XmlScanner::Event XmlScanner::start_tag() {
  if (open_.empty() && rooted_) return bad();
  ++at_;
  name_ = take_name();
  if (name_.empty()) return bad();
  attributes_.clear();
  for (;;) {
    const std::size_t before = at_;
    skip_space();
    if (at_ >= xml_.size()) return bad();
    if (xml_[at_] == '>') {
      ++at_;
      break;
    }
    if (xml_[at_] == '/') {
      if (++at_ >= xml_.size() || xml_[at_++] != '>') return bad();
      pending_end_ = true;
      break;
    }
    if (at_ == before || !attribute()) return bad();
  }
  if (open_.size() >= most_depth) return bad(Reason::part_too_deep);
  open_.push_back(name_);
  rooted_ = true;
  return Event::start;
}

XmlScanner::Event XmlScanner::end_tag() {
  at_ += 2;
  name_ = take_name();
  skip_space();
  if (at_ >= xml_.size() || xml_[at_++] != '>' || open_.empty() || open_.back() != name_)
    return bad();
  open_.pop_back();
  return Event::end;
}

Reason fault_of_xml(std::string_view xml) {
  XmlScanner scanner(xml);
  for (;;) {
    const XmlScanner::Event event = scanner.next();
    if (event == XmlScanner::Event::done) return Reason::none;
    if (event == XmlScanner::Event::bad) return scanner.reason();
  }
}

} // namespace sekisho::rebuild
