#include "gateway/record/event.hh"

#include "base/json_members.hh"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <vector>

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

/// Reads an event without building a tree of it: is it JSON, and may its text stand as it is?
class Outline final : public nlohmann::json_sax<Json> {
public:
  /// It begins with "event", claims nothing that is the record's own, and says nothing twice.
  bool plain() const { return plain_ && !word_.empty(); }
  bool is_object() const { return is_object_; }
  const std::string &word() const { return word_; }
  const std::string &receipt() const { return receipt_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &) override { return true; }
  bool binary(binary_t &) override { return false; }
  bool string(string_t &text) override {
    if (!of_event_) return true;
    if (names_.size() == 1 && names_.back() == "event") word_ = text;
    else if (names_.back() == "receipt") receipt_ = text;
    return true;
  }
  bool start_object(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override { return close(); }
  bool key(string_t &name) override {
    for (std::size_t i = open_.back(); i < names_.size(); ++i) plain_ = plain_ && names_[i] != name;
    of_event_ = open_.size() == 1;
    if (of_event_) plain_ = plain_ && !is_reserved(name) && (!names_.empty() || name == "event");
    names_.push_back(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override { return false; }

private:
  bool open(bool object) {
    if (open_.empty()) is_object_ = object;
    of_event_ = false;
    open_.push_back(names_.size());
    return true;
  }
  bool close() {
    names_.resize(open_.back());
    open_.pop_back();
    return true;
  }

  bool plain_ = true, is_object_ = false;
  bool of_event_ = false; // the last name was the event's own, and nothing was opened since
  std::vector<std::size_t> open_;  // where in names_ the names of each open object begin
  std::vector<std::string> names_; // of the objects that are open
  std::string word_, receipt_;
};

/// Its text, if that is one line and begins as ours do; else nothing.
std::optional<Event> as_it_stands(std::string_view role, std::string_view untrusted, const Outline &outline) {
  const std::string head = "{\"event\":\"" + outline.word() + '"';
  if (!untrusted.starts_with(head) || !untrusted.ends_with('}')) return std::nullopt;
  if (untrusted.find_first_of("\r\n") != std::string_view::npos) return std::nullopt;
  Event event;
  event.word = outline.word();
  if (is_receipt(outline.receipt())) event.receipt = outline.receipt();
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
  if (too_deep(untrusted)) return fail("event nested too deep");
  Outline outline;
  if (!Json::sax_parse(untrusted, &outline) || !outline.is_object()) return fail("event is not a JSON object");
  if (outline.plain() && is_word(outline.word()))
    if (std::optional<Event> event = as_it_stands(role, untrusted, outline)) return std::move(*event);
  return rewritten(role, untrusted);
}

} // namespace sekisho::record
