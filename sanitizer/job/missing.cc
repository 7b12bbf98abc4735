#include "sanitizer/job/missing.hh"

#include <algorithm>

namespace sekisho::job {
namespace {

Reason what_is_missing(const PartReport &part) {
  if (is_taken(part)) return part.reasons.empty() ? Reason::part_stripped_by_rule : part.reasons.front();
  if (!is_made_anew(part)) return missing_in_body(part);
  switch (part.action) {
  case Action::rendered: return Reason::part_rendered;
  case Action::reencoded: return Reason::part_reencoded;
  default: return Reason::part_to_text;
  }
}

/// Of the mail's structure and header: something of it may be read otherwise, or not at all.
bool is_missing_in_mail(Reason reason) {
  switch (reason) {
  case Reason::part_too_deep:
  case Reason::part_too_big:
  case Reason::part_ambiguous:
  case Reason::part_malformed:
  case Reason::part_charset_replaced: return true;
  default: return false;
  }
}

} // namespace

bool is_taken(const PartReport &part) {
  return part.action == Action::stripped && std::ranges::count(part.reasons, Reason::part_alternative_dropped) == 0;
}

bool is_made_anew(const PartReport &part) {
  return part.action == Action::rendered || part.action == Action::reencoded ||
         (part.action == Action::kept_text && !part.output_name.empty());
}

/// Pictures that would be fetched from elsewhere are not in the original either.
Reason missing_in_body(const PartReport &part) {
  if (part.action != Action::kept_text || !part.output_name.empty()) return Reason::none;
  for (const Reason reason : part.reasons)
    switch (reason) {
    case Reason::part_script:
    case Reason::part_hidden_content:
    case Reason::part_charset_replaced:
    case Reason::part_picture_dropped:
    case Reason::part_embedded_file:
    case Reason::part_ambiguous: return reason;
    case Reason::part_malformed:
      if (part.size > 0) return reason;
      break;
    case Reason::part_active_content:
      if (part.kind != Kind::text) return reason; // there it is a word, which stays
      break;
    default: break;
    }
  return Reason::none;
}

Reason what_is_missing(const Report &report) {
  for (const PartReport &part : report.parts)
    if (const Reason reason = what_is_missing(part); reason != Reason::none) return reason;
  const auto found = std::ranges::find_if(report.reasons, is_missing_in_mail);
  return found == report.reasons.end() ? Reason::none : *found;
}

} // namespace sekisho::job
