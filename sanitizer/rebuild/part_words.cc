#include "sanitizer/rebuild/part_words.hh"

#include "sanitizer/text/clean.hh"
#include "sanitizer/verify/odf_kind.hh"

namespace sekisho::rebuild {
namespace {

std::string_view extension_for(job::Kind kind, Bytes output) {
  switch (kind) {
  case job::Kind::odf: {
    const verify::OdfKind *odf = verify::odf_kind(output);
    return odf ? odf->ending : ".odt";
  }
  case job::Kind::pdf: return ".pdf";
  case job::Kind::jpeg: return ".jpg";
  case job::Kind::png: return ".png";
  case job::Kind::gif: return ".gif";
  case job::Kind::tiff: return ".tif";
  case job::Kind::ooxml_word: return ".docx";
  case job::Kind::ooxml_sheet: return ".xlsx";
  case job::Kind::ooxml_slides: return ".pptx";
  case job::Kind::zip: return ".zip";
  default: return ".txt";
  }
}

} // namespace

Reason strip_reason(job::Kind kind) {
  switch (kind) {
  case job::Kind::unknown: return Reason::part_unknown_kind;
  case job::Kind::empty: return Reason::part_empty;
  case job::Kind::executable:
  case job::Kind::script:
  case job::Kind::shortcut: return Reason::part_executable;
  case job::Kind::ooxml_macro:
  case job::Kind::ole_macro: return Reason::part_macro;
  case job::Kind::signature: return Reason::part_signature;
  case job::Kind::encrypted: return Reason::part_encrypted;
  case job::Kind::ichitaro:
  case job::Kind::docuworks:
  case job::Kind::xps: return reason_for_person(kind);
  default: break;
  }
  switch (job::class_of(kind)) {
  case job::KindClass::archive: return Reason::part_archive_not_unpacked;
  default: return Reason::part_stripped_by_rule;
  }
}

Reason reason_for_person(job::Kind kind) {
  return kind == job::Kind::ichitaro    ? Reason::part_ichitaro
         : kind == job::Kind::docuworks ? Reason::part_docuworks
         : kind == job::Kind::xps       ? Reason::part_xps
                                        : Reason::none;
}

Reason held_reason(Reason reason) {
  switch (reason) {
  case Reason::part_encrypted:
  case Reason::job_held_encrypted: return Reason::job_held_encrypted;
  case Reason::part_ichitaro:
  case Reason::part_docuworks:
  case Reason::part_xps:
  case Reason::job_held_document: return Reason::job_held_document;
  case Reason::part_engine_missing:
  case Reason::job_held_engine_missing: return Reason::job_held_engine_missing;
  default: return Reason::job_held_by_rule;
  }
}

Reason held_part(Reason reason) {
  switch (held_reason(reason)) {
  case Reason::job_held_encrypted: return Reason::part_encrypted;
  case Reason::job_held_engine_missing: return Reason::part_engine_missing;
  default: return reason;
  }
}

Reason part_reason(Reason outcome_reason) {
  switch (outcome_reason) {
  case Reason::job_timeout: return Reason::part_timeout;
  case Reason::job_worker_died:
  case Reason::job_bad_reply: return Reason::part_worker_died;
  case Reason::job_verify_failed: return Reason::part_verify_failed;
  case Reason::job_too_big: return Reason::part_too_big;
  default: break;
  }
  return info(outcome_reason).group == ReasonGroup::part ? outcome_reason : Reason::part_malformed;
}

std::string output_name(const std::string &name, job::Kind kind, const std::string &path,
                        Bytes output) {
  std::string_view extension = extension_for(kind, output);
  if (name.empty()) return "part-" + path + std::string(extension);
  std::string old = text::extension_of(name);
  if ("." + old == extension || (kind == job::Kind::jpeg && old == "jpeg") ||
      (kind == job::Kind::tiff && old == "tiff"))
    return name;
  if (kind == job::Kind::text) return name + std::string(extension);
  return std::string(text::stem_of(name)) + std::string(extension);
}

} // namespace sekisho::rebuild
