#include "sanitizer/mime/automatic.hh"

#include <algorithm>
#include <span>

namespace sekisho::mime {
namespace {

constexpr std::size_t max_list_id = 255; // octets, RFC 2919 §6
constexpr std::string_view submitted_words[] = {"no", "auto-generated", "auto-replied"};
constexpr std::string_view precedence_words[] = {"list", "bulk", "junk"};
constexpr std::string_view suppress_words[] = {"DR", "RN", "NRN", "OOF", "AutoReply", "All", "None"};

std::string one_of(std::span<const std::string_view> words, std::string_view said) {
  for (std::string_view word : words)
    if (equals_ignoring_case(word, said)) return std::string(word);
  return {};
}

std::string submitted(std::string_view value) {
  return one_of(submitted_words, parse_parameterized(value).value);
}

std::string precedence(std::string_view value) {
  return one_of(precedence_words, unfold(value));
}

std::string suppress(std::string_view value) {
  const std::string unfolded = unfold(value);
  std::vector<std::string_view> said;
  for (std::string_view rest = unfolded; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    said.push_back(trimmed(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  std::string written;
  for (std::string_view word : suppress_words) {
    const bool is_said = std::ranges::any_of(said, [&](std::string_view s) { return equals_ignoring_case(s, word); });
    if (is_said) (written += written.empty() ? "" : ", ") += word;
  }
  return written;
}

/// RFC 5322 §3.2.3, and nothing that starts an encoded word.
bool is_dot_atom(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
  return !text.empty() && text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos &&
         text.find("=?") == std::string_view::npos && std::ranges::all_of(text, [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                  others.find(c) != std::string_view::npos;
         });
}

std::string list_id(std::string_view value) {
  const std::string unfolded = unfold(value);
  const std::size_t start = unfolded.rfind('<'); // the words before it may hold others
  const std::size_t end = unfolded.find('>', std::min(start, unfolded.size()));
  if (end == std::string::npos) return {};
  const std::string_view id = std::string_view(unfolded).substr(start + 1, end - start - 1);
  return id.size() <= max_list_id && is_dot_atom(id) ? '<' + std::string(id) + '>' : std::string();
}

struct Known {
  std::string_view name;
  std::string (*read)(std::string_view value);
};
constexpr Known known_fields[] = {
    {"Auto-Submitted", submitted}, {"Precedence", precedence}, {"X-Auto-Response-Suppress", suppress}, {"List-Id", list_id}};

} // namespace

std::string automatic_value(const Field &field) {
  for (const Known &known : known_fields)
    if (equals_ignoring_case(known.name, field.name)) return known.read(field.value);
  return {};
}

std::vector<AutomaticField> read_automatic(const std::vector<Field> &fields) {
  std::vector<AutomaticField> found;
  for (const Known &known : known_fields)
    for (const Field &field : fields) {
      if (!equals_ignoring_case(known.name, field.name)) continue;
      std::string value = known.read(field.value);
      if (value.empty()) continue;
      found.push_back({known.name, std::move(value)});
      break;
    }
  return found;
}

} // namespace sekisho::mime
