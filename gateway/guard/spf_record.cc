#include "gateway/guard/spf_record.hh"

#include "base/text.hh"
#include "gateway/guard/message.hh"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sekisho::guard {
namespace {

constexpr std::string_view macro_letters = "slodiphv"; // c, r and t stand in explanations only (§7.2)
constexpr std::string_view delimiters = ".-+,/_=";
constexpr std::size_t most_expanded = 16384; // octets; a record can ask for thousands of copies of the sender
constexpr std::size_t longest_name = 253;    // of a domain

struct Macro {
  char letter = 0; // 0: a literal
  unsigned digits = 0;
  bool reverse = false;
  std::string_view delimiters; // none: "."
  std::string_view literal;
};

/// Takes one macro or literal off.  Nothing: a syntax error.
std::optional<Macro> take_macro(std::string_view &rest, bool explanation = false) {
  Macro macro;
  if (rest.front() != '%') {
    if (rest.front() < 0x21 || rest.front() > 0x7e) return std::nullopt;
    macro.literal = rest.substr(0, 1);
    rest.remove_prefix(1);
    return macro;
  }
  if (rest.size() < 2) return std::nullopt;
  const char second = rest[1];
  if (second == '%' || second == '_' || second == '-') {
    macro.literal = second == '%' ? "%" : second == '_' ? " " : "%20";
    rest.remove_prefix(2);
    return macro;
  }
  const std::size_t end = rest.find('}');
  if (second != '{' || end == std::string_view::npos || end < 3) return std::nullopt;
  std::string_view inside = rest.substr(2, end - 2);
  rest.remove_prefix(end + 1);
  macro.letter = inside.front();
  const char letter = lower(macro.letter);
  const bool known = macro_letters.find(letter) != std::string_view::npos ||
                     (explanation && (letter == 'c' || letter == 'r' || letter == 't'));
  if (!known) return std::nullopt;
  inside.remove_prefix(1);
  const std::size_t digits = std::min(inside.find_first_not_of("0123456789"), inside.size());
  if (digits > 0) {
    const auto [last, error] = std::from_chars(inside.data(), inside.data() + digits, macro.digits);
    if (error != std::errc{} || macro.digits == 0) return std::nullopt;
    inside.remove_prefix(digits);
  }
  if (!inside.empty() && lower(inside.front()) == 'r') {
    macro.reverse = true;
    inside.remove_prefix(1);
  }
  if (inside.find_first_not_of(delimiters) != std::string_view::npos) return std::nullopt;
  macro.delimiters = inside;
  return macro;
}

bool is_macro_string(std::string_view text, bool explanation = false) {
  while (!text.empty())
    if (!take_macro(text, explanation)) return false;
  return true;
}

bool is_top_label(std::string_view label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  if (is_digits(label)) return false;
  return std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

/// §7.1: ends in a macro or in "." toplabel.
bool is_domain_spec(std::string_view text) {
  if (text.empty() || !is_macro_string(text)) return false;
  std::string_view rest = text;
  bool ends_in_macro = false;
  std::size_t behind_macro = 0;
  while (!rest.empty()) {
    const bool is_macro = rest.starts_with('%');
    (void)take_macro(rest);
    ends_in_macro = is_macro;
    if (is_macro) behind_macro = text.size() - rest.size();
  }
  if (ends_in_macro) return true;
  std::string_view end = text.substr(behind_macro);
  if (end.ends_with('.')) end.remove_suffix(1);
  const std::size_t dot = end.rfind('.');
  return dot != std::string_view::npos && is_top_label(end.substr(dot + 1));
}

std::optional<std::uint8_t> prefix_length(std::string_view digits, unsigned most) {
  unsigned value = 0;
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value > most) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

/// Takes "/24", "//64" or "/24//64" off the end.  False: one that cannot be.
bool take_prefixes(std::string_view &rest, SpfTerm &term) {
  const auto digits_behind = [](std::string_view text) {
    std::size_t first = text.size();
    while (first > 0 && is_digit(text[first - 1])) --first;
    return first;
  };
  std::size_t first = digits_behind(rest);
  if (first >= 2 && first < rest.size() && rest.substr(first - 2, 2) == "//") {
    const auto prefix = prefix_length(rest.substr(first), 128);
    if (!prefix) return false;
    term.prefix6 = *prefix;
    rest = rest.substr(0, first - 2);
    first = digits_behind(rest);
  }
  if (first >= 1 && first < rest.size() && rest[first - 1] == '/') {
    const auto prefix = prefix_length(rest.substr(first), 32);
    if (!prefix) return false;
    term.prefix4 = *prefix;
    rest = rest.substr(0, first - 1);
  }
  return true;
}

bool read_network(std::string_view text, SpfTerm &term) {
  const bool v4 = term.what == SpfTerm::What::ip4;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto prefix = prefix_length(text.substr(slash + 1), v4 ? 32 : 128);
    if (!prefix) return false;
    (v4 ? term.prefix4 : term.prefix6) = *prefix;
    text = text.substr(0, slash);
  }
  const std::optional<Ip> ip = parse_ip(text);
  if (!ip || (text.find(':') == std::string_view::npos) != v4) return false;
  term.network = *ip;
  return true;
}

bool read_mechanism(std::string_view text, SpfRecord &record) {
  using What = SpfTerm::What;
  SpfTerm term;
  if (std::string_view("+-?~").find(text.front()) != std::string_view::npos) {
    term.qualifier = text.front();
    text.remove_prefix(1);
  }
  const std::size_t end = std::min(text.find_first_of(":/"), text.size());
  const std::string name = lower_case(text.substr(0, end));
  std::string_view rest = text.substr(end);
  constexpr std::pair<std::string_view, What> names[] = {
      {"all", What::all}, {"include", What::include}, {"a", What::a},     {"mx", What::mx},
      {"ptr", What::ptr}, {"ip4", What::ip4},         {"ip6", What::ip6}, {"exists", What::exists}};
  const auto found = std::ranges::find(names, std::string_view(name), &std::pair<std::string_view, What>::first);
  if (found == std::end(names)) return false;
  term.what = found->second;
  if (term.what == What::all) {
    if (!rest.empty()) return false;
  } else if (term.what == What::ip4 || term.what == What::ip6) {
    if (!rest.starts_with(':') || !read_network(rest.substr(1), term)) return false;
  } else {
    if ((term.what == What::a || term.what == What::mx) && !take_prefixes(rest, term)) return false;
    const bool needs_domain = term.what == What::include || term.what == What::exists;
    if (rest.starts_with(':')) {
      if (!is_domain_spec(rest.substr(1))) return false;
      term.domain_spec = rest.substr(1);
    } else if (needs_domain || !rest.empty()) {
      return false;
    }
  }
  record.terms.push_back(std::move(term));
  return true;
}

/// `name=`: a modifier.  Nothing: none.
std::optional<std::string_view> modifier_name(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || !is_letter(text.front())) return std::nullopt;
  const std::string_view name = text.substr(0, equals);
  const bool proper = std::ranges::all_of(
      name, [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; });
  return proper ? std::optional(name) : std::nullopt;
}

} // namespace

bool is_spf(std::string_view text) {
  return text.size() >= 6 && equals_ignoring_case(text.substr(0, 6), "v=spf1") && (text.size() == 6 || text[6] == ' ');
}

std::optional<SpfRecord> parse_spf(std::string_view record) {
  SpfRecord read;
  bool has_explanation = false;
  while (!record.empty()) {
    const std::size_t end = std::min(record.find(' '), record.size());
    const std::string_view term = record.substr(0, end);
    record.remove_prefix(std::min(end + 1, record.size()));
    if (term.empty()) continue;
    const std::optional<std::string_view> name = modifier_name(term);
    if (!name) {
      if (!read_mechanism(term, read)) return std::nullopt;
      continue;
    }
    const std::string_view value = term.substr(name->size() + 1);
    if (equals_ignoring_case(*name, "redirect")) {
      if (read.redirect || !is_domain_spec(value)) return std::nullopt;
      read.redirect = std::string(value);
    } else if (equals_ignoring_case(*name, "exp")) {
      if (has_explanation || !is_domain_spec(value)) return std::nullopt;
      has_explanation = true; // it is a text for people who send; none is asked for
    } else if (!is_macro_string(value, true)) {
      return std::nullopt;
    }
  }
  return read;
}

bool uses_validated_name(std::string_view domain_spec) {
  while (!domain_spec.empty()) {
    const std::optional<Macro> macro = take_macro(domain_spec);
    if (!macro) return false;
    if (lower(macro->letter) == 'p') return true;
  }
  return false;
}

namespace {

std::string url_escaped(std::string_view text) { // RFC 3986 §2.3
  std::string escaped;
  for (char c : text)
    if (is_letter(c) || is_digit(c) || std::string_view("-._~").find(c) != std::string_view::npos) escaped += c;
    else escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return escaped;
}

std::string expand(const Macro &macro, const SpfMacros &macros) {
  std::string value;
  switch (lower(macro.letter)) {
  case 's': value = macros.sender; break;
  case 'l': value = macros.local; break;
  case 'o': value = macros.sender_domain; break;
  case 'd': value = macros.domain; break;
  case 'i': value = macros.address; break;
  case 'p': value = macros.validated; break;
  case 'h': value = macros.helo; break;
  case 'c': value = macros.readable_address; break;
  case 'r': value = macros.receiver; break;
  case 'v': value = macros.version; break;
  default: break;
  }
  if (macro.digits > 0 || macro.reverse || !macro.delimiters.empty()) {
    const std::string_view split_at = macro.delimiters.empty() ? "." : macro.delimiters;
    std::vector<std::string> parts(1);
    for (char c : value)
      if (split_at.find(c) != std::string_view::npos) parts.emplace_back();
      else parts.back() += c;
    if (macro.reverse) std::ranges::reverse(parts);
    const std::size_t keep = macro.digits == 0 ? parts.size() : std::min<std::size_t>(macro.digits, parts.size());
    value.clear();
    for (std::size_t i = parts.size() - keep; i < parts.size(); ++i) {
      if (i > parts.size() - keep) value += '.';
      value += parts[i];
    }
  }
  return is_letter(macro.letter) && macro.letter < 'a' ? url_escaped(value) : value;
}

} // namespace

std::string expand_macros(std::string_view domain_spec, const SpfMacros &macros) {
  std::string text;
  while (!domain_spec.empty()) {
    const std::optional<Macro> macro = take_macro(domain_spec);
    if (!macro) return {};
    if (macro->letter == 0) text += macro->literal;
    else text += expand(*macro, macros);
    if (text.size() > most_expanded) return {};
  }
  if (text.ends_with('.')) text.pop_back();
  if (text.size() > longest_name) { // labels go from the left, §7.3
    const std::size_t dot = text.find('.', text.size() - longest_name - 1);
    if (dot == std::string::npos) return {};
    text.erase(0, dot + 1);
  }
  return text;
}

} // namespace sekisho::guard
