#include "gateway/record/event.hh"

#include <nlohmann/json.hpp>

#include <algorithm>

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

std::string string_member(const Json &object, const char *name) {
  auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace

Result<Event> read_event(std::string_view role, std::string_view untrusted) {
  if (untrusted.size() > max_event) return fail("event above the size limit");
  if (too_deep(untrusted)) return fail("event nested too deep");
  Json object = Json::parse(untrusted, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded() || !object.is_object()) return fail("event is not a JSON object");

  Event event;
  event.word = string_member(object, "event");
  if (!is_word(event.word)) return fail("event without a proper word");
  if (std::string receipt = string_member(object, "receipt"); is_receipt(receipt))
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

} // namespace sekisho::record
