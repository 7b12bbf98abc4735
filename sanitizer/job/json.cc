#include "base/json_writer.hh"
#include "sanitizer/job/codec.hh"

namespace sekisho::job {
namespace {

void put_reasons(JsonWriter &json, const std::vector<Reason> &reasons) {
  json.open('[');
  for (Reason reason : reasons) json.value(word_of(reason));
  json.close(']');
}

void put_part(JsonWriter &json, const PartReport &part) {
  json.open('{');
  json.key("path").value(part.path);
  json.key("name").value(part.name);
  json.key("declared_type").value(part.declared_type);
  json.key("kind").value(word_of(part.kind));
  json.key("size").value(part.size);
  json.key("sha256").value(part.sha256);
  json.key("action").value(word_of(part.action));
  put_reasons(json.key("reasons"), part.reasons);
  json.key("output_name").value(part.output_name);
  json.key("output_size").value(part.output_size);
  json.key("output_sha256").value(part.output_sha256);
  if (part.milliseconds > 0) json.key("milliseconds").value(std::uint64_t{part.milliseconds});
  json.close('}');
}

} // namespace

std::string to_json(const Outcome &outcome, const std::vector<JsonMember> &in_front) {
  const Report &report = outcome.report;
  JsonWriter json(JsonWriter::Blanks::some);
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
  put_reasons(json.key("reasons"), report.reasons);
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
