// One file, start to end: what is it, what does the plan say of it, build it anew.
#include "sanitizer/detect/detect.hh"
#include "sanitizer/detect/library.hh"
#include "sanitizer/rebuild/archive/archive.hh"
#include "sanitizer/rebuild/part_words.hh"
#include "sanitizer/rebuild/pdf/pdf_pages.hh"
#include "sanitizer/rebuild/plain_text.hh"
#include "sanitizer/rebuild/rebuild.hh"
#include "sanitizer/text/rtf.hh"

#include <algorithm>

namespace sekisho::rebuild {
namespace {

using job::Kind;
using job::Treatment;

job::Outcome start_outcome(const job::Job &job) {
  job::Outcome outcome;
  outcome.report.receipt = job.receipt;
  outcome.report.version = SEKISHO_VERSION;
  outcome.report.input_size = job.bytes.size();
  job::PartReport part;
  part.path = "1";
  part.name = job.name;
  part.declared_type = job.declared_type;
  part.size = job.bytes.size();
  outcome.report.parts.push_back(std::move(part));
  return outcome;
}

job::Outcome refused(job::Outcome outcome, Reason reason) {
  outcome.status = job::Status::refused;
  outcome.reason = reason;
  outcome.report.parts.front().action = job::Action::stripped;
  std::vector<Reason> &reasons = outcome.report.parts.front().reasons;
  std::erase(reasons, reason);
  reasons.insert(reasons.begin(), reason);
  return outcome;
}

job::Outcome held(job::Outcome outcome, Reason reason) {
  outcome = refused(std::move(outcome), reason);
  outcome.status = job::Status::held;
  outcome.report.parts.front().action = job::Action::held;
  return outcome;
}

/// A password is found only by trying; then it is the plan's line for encrypted files that counts.  What the gateway lacks
/// is no fault of the file.
job::Outcome not_rebuilt(job::Outcome outcome, Reason reason, const job::Plan &plan) {
  const bool locked = reason == Reason::part_encrypted;
  if (locked && plan.treatment(job::KindClass::encrypted) == Treatment::hold)
    return held(std::move(outcome), Reason::part_encrypted);
  if (reason == Reason::part_engine_missing) return held(std::move(outcome), reason);
  return refused(std::move(outcome), reason);
}

/// Why a part goes, where its kind alone is reason enough.
Reason reason_against(Kind kind) {
  switch (kind) {
  case Kind::executable:
  case Kind::shortcut: return Reason::part_executable;
  case Kind::script: return Reason::part_script;
  case Kind::ooxml_macro:
  case Kind::ole_macro: return Reason::part_macro;
  case Kind::encrypted: return Reason::part_encrypted;
  case Kind::signature: return Reason::part_signature;
  case Kind::ichitaro:
  case Kind::docuworks:
  case Kind::xps: return reason_for_person(kind);
  case Kind::unknown: return Reason::part_unknown_kind;
  case Kind::empty: return Reason::part_empty;
  default: return Reason::part_stripped_by_rule;
  }
}

/// Why nothing can be made of a kind under a treatment that this version does not have for it.
Reason reason_not_offered(Kind kind) {
  if (const Reason reason = reason_against(kind); reason != Reason::part_stripped_by_rule)
    return reason;
  switch (class_of(kind)) {
  case job::KindClass::office: return Reason::part_office_not_rebuilt;
  case job::KindClass::archive: return Reason::part_archive_not_unpacked;
  default: return Reason::part_stripped_by_rule;
  }
}

Result<Rebuilt, Reason> render_pdf(const Input &input, const job::Plan &plan,
                                   const TakePages &take_pages, const std::vector<Reason> &found) {
  Result<PdfPages, Reason> pages = PdfPages::open(input, plan);
  if (!pages) return fail(pages.error());
  return take_pages(*pages, plan, found);
}

Result<Rebuilt, Reason> picture(Kind kind, const Input &input, const job::Plan &plan, const job::Cut &cut) {
  if (detect::is_also_document(input.untrusted_value())) return fail(Reason::part_ambiguous);
  switch (kind) {
  case Kind::jpeg: return jpeg(input, plan, cut);
  case Kind::png: return png(input, plan, cut);
  case Kind::gif: return gif(input, plan, cut);
  case Kind::bmp: return bmp(input, plan, cut);
  case Kind::tiff: return tiff(input, plan, cut);
  case Kind::webp: return webp(input, plan, cut);
  case Kind::heif: return heif(input, plan, cut);
  case Kind::svg:
  case Kind::metafile: return fail(Reason::part_vector_picture);
  default: return fail(Reason::part_engine_missing);
  }
}

bool is_ooxml(Kind kind) {
  return kind == Kind::ooxml_word || kind == Kind::ooxml_sheet || kind == Kind::ooxml_slides ||
         kind == Kind::ooxml_macro;
}

/// Only LibreOffice, in a process of its own, can treat it; the client knows whether there is one.
bool needs_office(Kind kind, Treatment treatment) {
  switch (kind) {
  case Kind::rtf:
  case Kind::ole_office:
  case Kind::ole_macro:
  case Kind::visio: return treatment == Treatment::render || treatment == Treatment::rebuild;
  case Kind::ooxml_word:
  case Kind::ooxml_sheet:
  case Kind::ooxml_slides:
  case Kind::ooxml_macro:
  case Kind::odf: return treatment == Treatment::render;
  default: return false;
  }
}

Result<std::vector<Reason>, Reason> rtf_unseen(Bytes untrusted) {
  if (const Reason fault = text::fault_of_rtf(untrusted); fault != Reason::none) return fail(fault);
  std::vector<Reason> reasons;
  add_beside_text(reasons, text::rtf_to_text(untrusted));
  return reasons;
}

/// What the pages that LibreOffice draws do not show.  Errors: why it should not be asked.
Result<std::vector<Reason>, Reason> unseen(Kind kind, const job::Job &job) {
  if (kind == Kind::rtf) return rtf_unseen(job.bytes);
  if (is_ooxml(kind) || kind == Kind::visio) return ooxml_unseen(job);
  if (kind == Kind::odf) return odf_unseen(job);
  return detect::unseen_in_compound_file(job.bytes);
}

/// The client goes on where there is LibreOffice.
job::Outcome for_office(job::Outcome outcome, const job::Job &job) {
  job::PartReport &part = outcome.report.parts.front();
  const Result<std::vector<Reason>, Reason> found = unseen(part.kind, job);
  if (!found) return not_rebuilt(std::move(outcome), found.error(), job.plan);
  if (part.kind == Kind::ooxml_macro || part.kind == Kind::ole_macro) add_reason(part.reasons, Reason::part_macro);
  for (const Reason reason : *found)
    add_reason(part.reasons, reason);
  return held(std::move(outcome), Reason::part_engine_missing);
}

Result<Rebuilt, Reason> rebuild_as(Kind kind, Treatment treatment, const job::Job &job,
                                   const TreatFile &treat_file) {
  const Input input(job.bytes);
  if (treatment == Treatment::text && kind == Kind::pdf) return pdf_text(input, job.plan);
  if (treatment == Treatment::render && class_of(kind) == job::KindClass::image)
    return picture(kind, input, job.plan, job.cut);
  if (treatment == Treatment::rebuild && is_ooxml(kind)) return ooxml_document(job, treat_file);
  if (treatment == Treatment::rebuild && kind == Kind::odf) return odf_document(job, treat_file);
  if (treatment == Treatment::text && is_ooxml(kind)) return ooxml_text(job);
  if (treatment == Treatment::text && kind == Kind::odf) return odf_text(job);
  if (treatment == Treatment::text && is_text_kind(kind)) return text(input, kind, job.plan);
  return fail(reason_not_offered(kind));
}

job::Action action_for(Kind result, Kind original) {
  if (result == Kind::text) return job::Action::kept_text;
  return original == Kind::pdf ? job::Action::rendered : job::Action::reencoded;
}

/// What came out empty is no result: nobody could tell it from one that got lost.
job::Outcome clean(job::Outcome outcome, Rebuilt rebuilt) {
  if (rebuilt.bytes.empty()) return refused(std::move(outcome), Reason::part_no_text);
  job::PartReport &part = outcome.report.parts.front();
  part.action = action_for(rebuilt.kind, part.kind);
  part.reasons.insert(part.reasons.begin(), rebuilt.reasons.begin(), rebuilt.reasons.end());
  part.output_size = rebuilt.bytes.size();
  outcome.report.output_size = part.output_size;
  outcome.status = job::Status::clean;
  outcome.reason = Reason::none;
  outcome.output = std::move(rebuilt.bytes);
  outcome.output_kind = rebuilt.kind;
  return outcome;
}

job::Outcome with_files_inside(job::Outcome outcome, Unpacked inside, const job::Plan &plan) {
  if (inside.held)
    outcome = held(std::move(outcome), held_part(inside.reason)); // no mail waits here, but a file
  else if (inside.reason != Reason::none)
    outcome = not_rebuilt(std::move(outcome), inside.reason, plan);
  else if (inside.rebuilt.bytes.size() > plan.max_output)
    outcome = refused(std::move(outcome), Reason::part_too_big);
  else
    outcome = clean(std::move(outcome), std::move(inside.rebuilt));
  for (job::PartReport &part : inside.parts)
    outcome.report.parts.push_back(std::move(part));
  return outcome;
}

} // namespace

job::Outcome file(const job::Job &job, const TreatFile &treat_file, const TakePages &take_pages) {
  job::Outcome outcome = start_outcome(job);
  if (job.bytes.size() > job.plan.max_input)
    return refused(std::move(outcome), Reason::job_too_big);
  job::PartReport &part = outcome.report.parts.front();
  part.kind = detect::kind_of(job.bytes, job.name);
  if (detect::disagrees(part.kind, job.name, job.declared_type) ||
      detect::library_disagrees(part.kind, job.bytes))
    part.reasons.push_back(Reason::part_kind_mismatch);

  const Treatment treatment = job.plan.treatment(class_of(part.kind));
  if (treatment == Treatment::hold)
    return held(std::move(outcome),
                part.kind == Kind::encrypted ? Reason::part_encrypted : Reason::job_held_by_rule);
  if (treatment == Treatment::strip) return refused(std::move(outcome), reason_against(part.kind));
  if (const Reason own_name = reason_for_person(part.kind); own_name != Reason::none)
    return held(std::move(outcome), own_name);

  const Kind kind = part.kind;
  if (needs_office(kind, treatment)) return for_office(std::move(outcome), job);
  if (class_of(kind) == job::KindClass::archive && treatment == Treatment::unpack)
    return with_files_inside(std::move(outcome), unpack(kind, job, treat_file), job.plan);
  if (class_of(kind) == job::KindClass::mail && treatment == Treatment::text)
    return with_files_inside(std::move(outcome), mail_file(kind, job), job.plan);

  Result<Rebuilt, Reason> rebuilt =
      kind == Kind::pdf && treatment == Treatment::render
          ? render_pdf(Input(job.bytes), job.plan, take_pages, part.reasons)
          : rebuild_as(kind, treatment, job, treat_file);
  if (!rebuilt && rebuilt.error() == Reason::part_office_not_rebuilt && treatment == Treatment::rebuild &&
      is_ooxml(kind)) // a workbook in octets (xlsb): nobody but LibreOffice reads it
    return for_office(std::move(outcome), job);
  if (!rebuilt) return not_rebuilt(std::move(outcome), rebuilt.error(), job.plan);
  if (rebuilt->bytes.size() > job.plan.max_output)
    return refused(std::move(outcome), Reason::part_too_big);
  return clean(std::move(outcome), std::move(*rebuilt));
}

} // namespace sekisho::rebuild
