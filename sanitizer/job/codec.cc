#include "sanitizer/job/codec.hh"

#include "base/utf8.hh"

#include <algorithm>

namespace sekisho::job {
namespace {

constexpr std::uint32_t job_magic = 0x534b4a07;     // "SKJ", version 7
constexpr std::uint32_t outcome_magic = 0x534b4f03; // "SKO", version 3

constexpr std::size_t max_receipt = 32;
constexpr std::size_t max_name = 4096;      // octets of a file name, media type or path
constexpr std::size_t max_note_words = 64 << 10;
constexpr std::size_t max_field = 64 << 10; // octets of one header field's text in a report
constexpr std::size_t max_authentication = 8192;
constexpr std::size_t max_received = 100;
constexpr std::size_t max_own_domains = 100'000;
constexpr std::size_t max_domain = 255;
constexpr std::uint64_t max_accepted = 253'402'300'799; // the end of the year 9999: a date has four digits for it
constexpr std::size_t max_part_reports = 10'000;
constexpr std::size_t max_reasons = 255; // counted in one octet
constexpr std::size_t max_bytes = 0xffffffff;

bool is_plain_text(std::string_view text) {
  for (std::size_t position = 0; position < text.size();) {
    const char32_t c = utf8_next(text, position);
    if (c == utf8_invalid || c < 0x20 || (c >= 0x7f && c <= 0x9f)) return false;
  }
  return true;
}

/// ByteReader with the checks of this format; the first that fails is remembered.
class Reader {
public:
  explicit Reader(Bytes bytes) : reader_(bytes) {}
  bool good() const { return !bad_ && !reader_.failed(); }
  bool at_end() const { return reader_.at_end(); }
  std::uint32_t u32() { return reader_.read_u32(); }
  std::uint64_t u64() { return reader_.read_u64(); }
  Bytes counted(std::size_t limit) { return reader_.take_counted(limit); }

  std::string text(std::size_t limit) {
    std::string text = reader_.take_string(limit);
    require(is_plain_text(text));
    return text;
  }
  /// Text of several lines.
  std::string lines(std::size_t limit) {
    std::string text = reader_.take_string(limit);
    std::string line_ends_aside = text;
    std::erase(line_ends_aside, '\n');
    require(is_plain_text(line_ends_aside));
    return text;
  }
  bool flag() {
    const std::uint8_t octet = reader_.read_u8();
    require(octet <= 1);
    return octet == 1;
  }
  std::string digest() {
    std::string text = reader_.take_string(64);
    require(text.empty() || text.size() == 64);
    for (char c : text)
      require((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    return text;
  }
  std::string receipt() {
    std::string text = reader_.take_string(max_receipt);
    for (char c : text)
      require(c > 0x20 && c < 0x7f);
    return text;
  }
  template <class Enum> Enum enumerator(std::size_t count) {
    std::uint8_t octet = reader_.read_u8();
    require(octet < count);
    return octet < count ? static_cast<Enum>(octet) : Enum{};
  }
  Reason reason() {
    const std::optional<Reason> reason = reason_from_number(reader_.read_u16());
    require(reason.has_value());
    return reason.value_or(Reason::none);
  }
  std::vector<Reason> reasons() {
    std::vector<Reason> reasons;
    for (std::size_t left = reader_.read_u8(); left > 0 && good(); left--)
      reasons.push_back(reason());
    return reasons;
  }
  void require(bool condition) { bad_ = bad_ || !condition; }

private:
  ByteReader reader_;
  bool bad_ = false;
};

void put_reason(ByteWriter &writer, Reason reason) { writer.put_u16(static_cast<std::uint16_t>(reason)); }

void put_reasons(ByteWriter &writer, const std::vector<Reason> &reasons) {
  std::size_t count = std::min(reasons.size(), max_reasons);
  writer.put_u8(static_cast<std::uint8_t>(count));
  for (std::size_t i = 0; i < count; i++)
    put_reason(writer, reasons[i]);
}

template <class Enum> void put_enumerator(ByteWriter &writer, Enum value) {
  writer.put_u8(static_cast<std::uint8_t>(value));
}

void put_plan(ByteWriter &writer, const Plan &plan) {
  for (Treatment treatment : plan.treatments)
    put_enumerator(writer, treatment);
  for (std::uint32_t value :
       {plan.dpi, plan.noise, plan.max_input, plan.max_output, plan.max_parts, plan.max_depth,
        plan.archive_depth, plan.max_pages, plan.max_pixels, plan.deadline_ms})
    writer.put_u32(value);
  put_enumerator(writer, plan.tracked);
  put_enumerator(writer, plan.hidden);
  put_enumerator(writer, plan.formulas);
  put_enumerator(writer, plan.mail_charset);
  writer.put_u8(plan.append_text ? 1 : 0);
  writer.put_counted(plan.note_words);
  writer.put_u8(plan.hide_recipients ? 1 : 0);
  const std::size_t own = std::min(plan.own_domains.size(), max_own_domains);
  writer.put_u32(static_cast<std::uint32_t>(own));
  for (std::size_t i = 0; i < own; i++)
    writer.put_counted(plan.own_domains[i]);
}

Plan read_plan(Reader &reader) {
  Plan plan;
  for (Treatment &treatment : plan.treatments)
    treatment = reader.enumerator<Treatment>(treatment_count);
  for (std::uint32_t *value :
       {&plan.dpi, &plan.noise, &plan.max_input, &plan.max_output, &plan.max_parts, &plan.max_depth,
        &plan.archive_depth, &plan.max_pages, &plan.max_pixels, &plan.deadline_ms})
    *value = reader.u32();
  plan.tracked = reader.enumerator<Beside>(beside_count);
  plan.hidden = reader.enumerator<Beside>(beside_count);
  plan.formulas = reader.enumerator<Formulas>(formulas_count);
  plan.mail_charset = reader.enumerator<MailCharset>(mail_charset_count);
  plan.append_text = reader.flag();
  plan.note_words = reader.lines(max_note_words);
  plan.hide_recipients = reader.flag();
  std::uint32_t own = reader.u32();
  reader.require(own <= max_own_domains);
  for (; own > 0 && reader.good(); own--)
    plan.own_domains.push_back(reader.text(max_domain));
  return plan;
}

void put_part(ByteWriter &writer, const PartReport &part) {
  writer.put_counted(part.path);
  writer.put_counted(part.name);
  writer.put_counted(part.declared_type);
  put_enumerator(writer, part.kind);
  writer.put_u64(part.size);
  writer.put_counted(part.sha256);
  put_enumerator(writer, part.action);
  put_reasons(writer, part.reasons);
  writer.put_counted(part.output_name);
  writer.put_u64(part.output_size);
  writer.put_counted(part.output_sha256);
  writer.put_u32(part.milliseconds);
}

PartReport read_part(Reader &reader) {
  PartReport part;
  part.path = reader.text(max_name);
  part.name = reader.text(max_name);
  part.declared_type = reader.text(max_name);
  part.kind = reader.enumerator<Kind>(kind_count);
  part.size = reader.u64();
  part.sha256 = reader.digest();
  part.action = reader.enumerator<Action>(action_count);
  part.reasons = reader.reasons();
  part.output_name = reader.text(max_name);
  part.output_size = reader.u64();
  part.output_sha256 = reader.digest();
  part.milliseconds = reader.u32();
  return part;
}

void put_report(ByteWriter &writer, const Report &report) {
  writer.put_counted(report.receipt);
  writer.put_counted(report.version);
  writer.put_counted(report.input_sha256);
  writer.put_counted(report.output_sha256);
  writer.put_u64(report.input_size);
  writer.put_u64(report.output_size);
  for (const std::string *field : {&report.message_id, &report.from, &report.to, &report.subject})
    writer.put_counted(*field);
  const std::size_t received = std::min(report.received.size(), max_received);
  writer.put_u32(static_cast<std::uint32_t>(received));
  for (std::size_t i = 0; i < received; i++)
    writer.put_counted(report.received[i]);
  put_reasons(writer, report.reasons);
  writer.put_u32(static_cast<std::uint32_t>(report.parts.size()));
  for (const PartReport &part : report.parts)
    put_part(writer, part);
}

Report read_report(Reader &reader) {
  Report report;
  report.receipt = reader.receipt();
  report.version = reader.text(max_name);
  report.input_sha256 = reader.digest();
  report.output_sha256 = reader.digest();
  report.input_size = reader.u64();
  report.output_size = reader.u64();
  for (std::string *field : {&report.message_id, &report.from, &report.to, &report.subject})
    *field = reader.text(max_field);
  std::uint32_t received = reader.u32();
  reader.require(received <= max_received);
  for (; received > 0 && reader.good(); received--)
    report.received.push_back(reader.text(max_field));
  report.reasons = reader.reasons();
  std::uint32_t count = reader.u32();
  reader.require(count <= max_part_reports);
  for (; count > 0 && reader.good(); count--)
    report.parts.push_back(read_part(reader));
  return report;
}

} // namespace

Buffer encode_head(const Job &job) {
  ByteWriter writer;
  writer.put_u32(job_magic);
  put_enumerator(writer, job.what);
  writer.put_counted(job.receipt);
  writer.put_counted(job.name);
  writer.put_counted(job.declared_type);
  writer.put_counted(job.authentication);
  put_reasons(writer, job.known);
  writer.put_u64(static_cast<std::uint64_t>(job.accepted));
  for (const std::uint32_t side : {job.cut.left, job.cut.top, job.cut.right, job.cut.bottom})
    writer.put_u32(side);
  writer.put_u8(job.cut.in_print ? 1 : 0);
  put_plan(writer, job.plan);
  writer.put_u32(static_cast<std::uint32_t>(job.bytes.size()));
  return writer.take();
}

Buffer encode(const Job &job) {
  Buffer encoded = encode_head(job);
  encoded.insert(encoded.end(), job.bytes.begin(), job.bytes.end());
  return encoded;
}

Result<Job> decode_job(Bytes encoded) {
  Reader reader(encoded);
  reader.require(reader.u32() == job_magic);
  Job job;
  job.what = reader.enumerator<What>(what_count);
  job.receipt = reader.receipt();
  job.name = reader.text(max_name);
  job.declared_type = reader.text(max_name);
  job.authentication = reader.text(max_authentication);
  job.known = reader.reasons();
  const std::uint64_t accepted = reader.u64();
  reader.require(accepted <= max_accepted);
  job.accepted = static_cast<UnixSeconds>(accepted);
  for (std::uint32_t *side : {&job.cut.left, &job.cut.top, &job.cut.right, &job.cut.bottom})
    *side = reader.u32();
  job.cut.in_print = reader.flag();
  job.plan = read_plan(reader);
  job.bytes = reader.counted(max_bytes);
  if (!reader.good() || !reader.at_end()) return fail("job: not what encode() writes");
  return job;
}

Buffer encode(const Outcome &outcome) {
  ByteWriter writer;
  writer.put_u32(outcome_magic);
  put_enumerator(writer, outcome.status);
  put_reason(writer, outcome.reason);
  put_enumerator(writer, outcome.output_kind);
  put_report(writer, outcome.report);
  writer.put_counted(outcome.output);
  return writer.take();
}

Result<Outcome> decode_outcome(Bytes encoded, std::size_t max_output) {
  Reader reader(encoded);
  reader.require(reader.u32() == outcome_magic);
  Outcome outcome;
  outcome.status = reader.enumerator<Status>(status_count);
  outcome.reason = reader.reason();
  outcome.output_kind = reader.enumerator<Kind>(kind_count);
  outcome.report = read_report(reader);
  Bytes output = reader.counted(max_output);
  if (!reader.good() || !reader.at_end()) return fail("outcome: not what encode() writes");

  bool clean = outcome.status == Status::clean;
  if (clean == output.empty()) return fail("outcome: clean without output, or the other way round");
  if (clean != (outcome.reason == Reason::none))
    return fail("outcome: clean with a reason, or unclean without one");
  outcome.output = to_buffer(output);
  return outcome;
}

} // namespace sekisho::job
