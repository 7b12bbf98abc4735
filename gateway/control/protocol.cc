#include "gateway/control/protocol.hh"

#include "base/json_members.hh"

#include <algorithm>

namespace sekisho::control {
namespace {

constexpr std::size_t max_argument = 64;
constexpr std::size_t max_word = 255; // octets; a label names a file
constexpr std::size_t max_sentence = 500; // octets; what a person says of an order

struct Word {
  std::string_view word;
  Question::Kind kind;
  const char *argument; // member that must be there, or null
};
constexpr Word words[] = {
    {"status", Question::Kind::status, nullptr},   {"reload", Question::Kind::reload, nullptr},
    {"trace", Question::Kind::trace, nullptr},     {"sever", Question::Kind::sever, "zone"},
    {"join", Question::Kind::join, "zone"},        {"apply", Question::Kind::apply, nullptr},
    {"confirm", Question::Kind::confirm, nullptr}, {"go-back", Question::Kind::go_back, nullptr},
    {"flows", Question::Kind::flows, nullptr},     {"hosts", Question::Kind::hosts, nullptr},
    {"devices", Question::Kind::devices, nullptr}, {"queue", Question::Kind::queue, "action"},
    {"hold", Question::Kind::hold, nullptr},       {"breaker", Question::Kind::breaker, nullptr},
};

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

/// What flows, hosts and devices are chosen by; anything else is left out.
Json choice_of(const Json &object) {
  Json choice = Json::object();
  for (const char *name : {"zone", "host", "rule", "sort"})
    if (std::string word = text_in(object, name); !word.empty()) choice[name] = word;
  if (object.contains("limit")) choice["limit"] = number_in(object, "limit");
  return choice;
}

/// What a queue is asked by.
Json queue_choice_of(const Json &object) {
  Json choice = Json::object();
  for (const char *name : {"action", "receipt", "relay", "recipient", "sender", "why"})
    if (std::string word = text_in(object, name); !word.empty()) choice[name] = word;
  if (object.contains("limit")) choice["limit"] = number_in(object, "limit");
  if (is_true_in(object, "everything")) choice["everything"] = true;
  return choice;
}

bool is_sentence(std::string_view text) {
  return text.size() <= max_sentence && std::ranges::none_of(text, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

/// Which relay is to start again, and why: a sentence on one line.  Nothing: improper.
std::optional<Json> breaker_choice_of(const Json &object) {
  Json choice = Json::object();
  for (const char *name : {"relay", "reason"}) {
    const std::string text = text_in(object, name);
    auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
    if (text.size() > max_sentence || std::ranges::any_of(text, is_control)) return std::nullopt;
    if (!text.empty()) choice[name] = text;
  }
  return choice;
}

bool is_proper(const Json &choice) {
  for (const auto &[name, value] : choice.items())
    if (value.is_string()) {
      const auto &word = value.get_ref<const std::string &>();
      if (name == "why") {
        if (!is_sentence(word)) return false;
        continue;
      }
      const bool is_address = name == "sender" || name == "recipient"; // with a blank in the quotes of a local part
      auto is_control = [&](char c) { return (c >= 0 && c < (is_address ? 0x20 : 0x21)) || c == 0x7f; };
      if (word.size() > max_word || std::ranges::any_of(word, is_control)) return false;
    }
  return true;
}

/// Members that a role reads for itself: texts without control characters, whole numbers, yes and no.  Who asks is never
/// the visitor's word.
std::optional<Json> passed_on(const Json &object) {
  Json choice = Json::object();
  auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
  for (const auto &[name, value] : object.items()) {
    if (name == "do" || name == "who") continue;
    if (value.is_string() && std::ranges::any_of(value.get_ref<const std::string &>(), is_control)) return std::nullopt;
    if (value.is_string() || value.is_number_integer() || value.is_boolean()) choice[name] = value;
  }
  return choice;
}

} // namespace

Result<Question> read_question(std::string_view untrusted) {
  if (untrusted.size() > max_question) return fail("question too long");
  if (!is_nested_at_most(untrusted, 1)) return fail("question not understood");
  Json object = Json::parse(untrusted, nullptr, false);
  if (!object.is_object()) return fail("question not understood");
  std::string asked = text_in(object, "do");
  for (const Word &word : words) {
    if (word.word != asked) continue;
    Question question;
    question.kind = word.kind;
    question.within = number_in(object, "within");
    if (question.within > max_within) return fail("question with too long a time: at most 7 days");
    question.with_rules = is_true_in(object, "rules");
    const bool is_passed_on = word.kind == Question::Kind::hold || word.kind == Question::Kind::trace;
    if (is_passed_on || word.kind == Question::Kind::breaker) {
      std::optional<Json> choice = is_passed_on ? passed_on(object) : breaker_choice_of(object);
      if (!choice) return fail("question with an improper word");
      question.choice = std::move(*choice);
      return question;
    }
    question.choice = word.kind == Question::Kind::queue ? queue_choice_of(object) : choice_of(object);
    if (!is_proper(question.choice)) return fail("question with an improper word");
    if (word.argument) {
      question.argument = text_in(object, word.argument);
      if (question.argument.empty() || question.argument.size() > max_argument ||
          !is_printable(question.argument))
        return fail(std::string("question without a proper ") + word.argument);
    }
    return question;
  }
  return fail("question not understood");
}

bool is_nested_at_most(std::string_view json, int most) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string && c == '\\') ++i;
    else if (c == '"') in_string = !in_string;
    else if (!in_string && (c == '{' || c == '[') && ++depth > most) return false;
    else if (!in_string && (c == '}' || c == ']')) --depth;
  }
  return true;
}

std::string write_answer(const Json &answer) {
  Json object;
  object["ok"] = true;
  object["answer"] = answer;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string write_refusal(std::string_view error) {
  Json object;
  object["ok"] = false;
  object["error"] = error;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace sekisho::control
