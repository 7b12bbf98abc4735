#include "base/utf8.hh"
#include "sanitizer/job/codec.hh"

#include <cstdio>

namespace sekisho::job {
namespace {

/// Writes one JSON value after the other; the commas are its business.
class Json {
public:
  void open(char bracket) {
    separate();
    text_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    text_ += bracket;
    first_ = false;
  }
  Json &key(std::string_view name) {
    separate();
    quote(name);
    text_ += ": ";
    first_ = true;
    return *this;
  }
  void value(std::string_view text) {
    separate();
    quote(text);
  }
  void value(std::uint64_t number) {
    separate();
    text_ += std::to_string(number);
  }
  void value(const std::vector<Reason> &reasons) {
    open('[');
    for (Reason reason : reasons)
      value(word_of(reason));
    close(']');
  }
  std::string take() { return std::move(text_); }

private:
  void separate() {
    if (!first_) text_ += ", ";
    first_ = false;
  }
  static bool stands_as_it_is(char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; }
  void quote(std::string_view text) {
    text_ += '"';
    for (std::size_t position = 0; position < text.size();) {
      const std::size_t begin = position;
      while (position < text.size() && stands_as_it_is(text[position])) ++position;
      text_.append(text, begin, position - begin);
      if (position == text.size()) break;
      char32_t c = utf8_next(text, position);
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += static_cast<char>(c);
      } else if (c < 0x20 || c == 0x7f) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
        text_ += escape;
      } else {
        utf8_append(text_, c); // what was no character is U+FFFD
      }
    }
    text_ += '"';
  }

  std::string text_;
  bool first_ = true;
};

void put_part(Json &json, const PartReport &part) {
  json.open('{');
  json.key("path").value(part.path);
  json.key("name").value(part.name);
  json.key("declared_type").value(part.declared_type);
  json.key("kind").value(word_of(part.kind));
  json.key("size").value(part.size);
  json.key("sha256").value(part.sha256);
  json.key("action").value(word_of(part.action));
  json.key("reasons").value(part.reasons);
  json.key("output_name").value(part.output_name);
  json.key("output_size").value(part.output_size);
  json.key("output_sha256").value(part.output_sha256);
  if (part.milliseconds > 0) json.key("milliseconds").value(std::uint64_t{part.milliseconds});
  json.close('}');
}

} // namespace

std::string to_json(const Outcome &outcome, const std::vector<JsonMember> &in_front) {
  const Report &report = outcome.report;
  Json json;
  json.open('{');
  for (const auto &[name, text] : in_front)
    if (!text.empty()) json.key(name).value(text);
  json.key("status").value(word_of(outcome.status));
  json.key("reason").value(word_of(outcome.reason));
  json.key("output_kind").value(word_of(outcome.output_kind));
  json.key("receipt").value(report.receipt);
  json.key("version").value(report.version);
  json.key("input_sha256").value(report.input_sha256);
  json.key("output_sha256").value(report.output_sha256);
  json.key("input_size").value(report.input_size);
  json.key("output_size").value(report.output_size);
  json.key("message_id").value(report.message_id);
  json.key("from").value(report.from);
  json.key("to").value(report.to);
  json.key("subject").value(report.subject);
  if (!report.received.empty()) {
    json.key("received").open('[');
    for (const std::string &field : report.received)
      json.value(field);
    json.close(']');
  }
  json.key("reasons").value(report.reasons);
  if (!report.malware.empty()) json.key("malware").value(report.malware);
  if (report.milliseconds > 0) json.key("milliseconds").value(std::uint64_t{report.milliseconds});
  json.key("parts").open('[');
  for (const PartReport &part : report.parts)
    put_part(json, part);
  json.close(']');
  json.close('}');
  return json.take();
}

} // namespace sekisho::job
