#include "gateway/record/event.hh"

#include "base/json_members.hh"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>

namespace sekisho::record {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t max_word = 40;
constexpr std::size_t max_receipt = 32;

/// Nesting of brackets outside strings; looked at before any parser builds a tree of it.
bool too_deep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); i++) {
    char c = text[i];
    if (in_string) {
      if (c == '\\') i++;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > max_event_depth) return true;
    } else if (c == '}' || c == ']') {
      depth--;
    }
  }
  return false;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= max_word && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '-';
  });
}

bool is_receipt(std::string_view text) {
  return !text.empty() && text.size() <= max_receipt &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_reserved(std::string_view name) {
  return name == "seq" || name == "time" || name == "role" || name == "prev" || name == "hash";
}

namespace dom = simdjson::dom;

constexpr std::size_t most_names = 64; // of one object that is looked at here: an event has a score

/// What of an event's text matters where its text may stand as it is.
struct Outline {
  std::string_view word, receipt;
};

/// Says nothing twice, however deep.
bool says_once(const dom::element &value) {
  if (value.is_array()) return std::ranges::all_of(dom::array(value), [](const dom::element &one) { return says_once(one); });
  if (!value.is_object()) return true;
  std::array<std::string_view, most_names> names;
  std::size_t count = 0;
  for (const auto [name, member] : dom::object(value)) {
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(count);
    if (count == most_names || std::find(names.begin(), end, name) != end || !says_once(member)) return false;
    names[count++] = name;
  }
  return true;
}

/// Nothing: it is to be looked at more closely.  Else it begins with "event", claims nothing that is the record's own, and says nothing twice.
std::optional<Outline> outline_of(const dom::element &event) {
  if (!event.is_object() || !says_once(event)) return std::nullopt;
  Outline outline;
  for (const auto [name, value] : dom::object(event)) {
    if (is_reserved(name) || (outline.word.empty() && name != "event")) return std::nullopt;
    const std::string_view text = value.is_string() ? std::string_view(value) : std::string_view();
    if (name == "event" && !is_word(text)) return std::nullopt;
    if (name == "event") outline.word = text;
    else if (name == "receipt" && is_receipt(text)) outline.receipt = text;
  }
  return outline;
}

/// Its text, if that is one line and begins as ours do; else nothing.
std::optional<Event> as_it_stands(std::string_view role, std::string_view untrusted) {
  thread_local dom::parser parser;
  dom::element parsed;
  if (parser.max_depth() != max_event_depth && parser.allocate(max_event, max_event_depth) != simdjson::SUCCESS) return std::nullopt;
  if (parser.parse(untrusted.data(), untrusted.size()).get(parsed) != simdjson::SUCCESS) return std::nullopt;
  const std::optional<Outline> outline = outline_of(parsed);
  if (!outline) return std::nullopt;
  const std::string head = fmt::format(R"({{"event":"{}")", outline->word);
  if (!untrusted.starts_with(head) || !untrusted.ends_with('}')) return std::nullopt;
  if (untrusted.find('\n') != std::string_view::npos || untrusted.find('\r') != std::string_view::npos) return std::nullopt;
  Event event;
  event.word = outline->word;
  event.receipt = outline->receipt;
  const std::string_view rest = untrusted.substr(head.size(), untrusted.size() - head.size() - 1);
  event.members.reserve(head.size() + role.size() + rest.size() + 10);
  event.members.append(head, 1).append(",\"role\":\"").append(role).append("\"").append(rest);
  return event;
}

/// Written anew, each name once, without what is the record's own.
Result<Event> rewritten(std::string_view role, std::string_view untrusted) {
  Json object = Json::parse(untrusted, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded() || !object.is_object()) return fail("event is not a JSON object");
  Event event;
  event.word = text_in(object, "event");
  if (!is_word(event.word)) return fail("event without a proper word");
  if (std::string receipt = text_in(object, "receipt"); is_receipt(receipt))
    event.receipt = receipt;

  Json out = Json::object();
  out["event"] = event.word;
  out["role"] = role;
  for (auto &[name, value] : object.items())
    if (!is_reserved(name) && name != "event") out[name] = std::move(value);
  std::string text = out.dump(-1, ' ', false, Json::error_handler_t::replace);
  event.members = text.substr(1, text.size() - 2);
  return event;
}

} // namespace

Result<Event> read_event(std::string_view role, std::string_view untrusted) {
  if (untrusted.size() > max_event) return fail("event above the size limit");
  if (std::optional<Event> event = as_it_stands(role, untrusted)) return std::move(*event);
  if (too_deep(untrusted)) return fail("event nested too deep");
  return rewritten(role, untrusted);
}

} // namespace sekisho::record
