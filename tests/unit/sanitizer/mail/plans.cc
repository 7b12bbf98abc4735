#include "tests/unit/sanitizer/mail/plans.hh"

#include <array>

namespace sekisho::plans {
namespace {

// One gray pixel: IHDR 1×1, IDAT of a stored deflate block, IEND.
constexpr std::array<std::uint8_t, 70> pixel = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00,
    0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78,
    0x01, 0x01, 0x02, 0x00, 0xfd, 0xff, 0x00, 0x7f, 0x00, 0x81, 0x00, 0x80, 0x7c, 0x4b,
    0x6c, 0xa3, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

} // namespace

bool set(job::Plan &plan, std::string_view kind_class, std::string_view treatment) {
  if (kind_class == "recipients") return plan.hide_recipients = treatment == "hidden";
  if (kind_class == "append") return plan.append_text = treatment == "text";
  if (kind_class == "charset") {
    plan.mail_charset = job::MailCharset::iso_2022_jp;
    return treatment == word_of(plan.mail_charset);
  }
  for (std::size_t c = 0; c < job::kind_class_count; c++) {
    if (word_of(static_cast<job::KindClass>(c)) != kind_class) continue;
    for (std::size_t t = 0; t < job::treatment_count; t++) {
      if (word_of(static_cast<job::Treatment>(t)) != treatment) continue;
      plan.treatments[c] = static_cast<job::Treatment>(t);
      return true;
    }
  }
  return false;
}

job::Job mail_job(Bytes octets) {
  job::Job job;
  job.what = job::What::mail;
  job.receipt = "20261120-0001";
  job.bytes = octets;
  set(job.plan, "pdf", "render");
  set(job.plan, "image", "render");
  set(job.plan, "text", "text");
  set(job.plan, "mail", "text");
  set(job.plan, "encrypted", "hold");
  return job;
}

job::Outcome treat_file(const job::Job &job) {
  job::Outcome outcome;
  outcome.status = job::Status::clean;
  outcome.reason = Reason::none;
  outcome.output_kind = job::Kind::png;
  outcome.output = to_buffer(std::as_bytes(std::span(pixel)));
  job::PartReport part;
  part.name = job.name;
  part.reasons = {Reason::part_reencoded};
  outcome.report.parts = {part};
  return outcome;
}

} // namespace sekisho::plans
